# The figures of `tools/bench --plot`: `points` is a file of figure, curve, x and y between tabs; `folder` takes the SVGs.
set datafile separator "\t"
set terminal svg size 880,440 font "Helvetica,13" background rgb "white"
colours = "#1b6ca8 #d1495b #2e933c #8f4fbf #e08e1b #4d4d4d #17a2b8 #a0522d #c2417c"
do for [i = 1:words(colours)] { set linetype i lc rgb word(colours, i) }
set key outside right center Left reverse
set grid lc rgb "#dddddd"
set autoscale xfix
set logscale xy
set border 3
set tics nomirror
set format x "%'.0f"
set format y "%'.0f"
curves(figure) = system(sprintf("awk -F'\t' '$1 == \"%s\" && !seen[$2]++ { gsub(/ /, \"_\", $2); print $2 }' %s", \
                                figure, points))
of(figure, curve) = sprintf("< awk -F'\t' '$1 == \"%s\" { name = $2; gsub(/ /, \"_\", name); if (name == \"%s\") \
print $3 \"\t\" $4 }' %s | sort -n", figure, curve, points)
spaced(name) = system(sprintf("echo '%s' | tr _ ' '", name))

set output folder."/writers.svg"
set title "Durable writes of one claim, by writers at once"
set xlabel "writers"
set ylabel "claims a second"
plot for [curve in curves("writers")] of("writers", curve) using 1:2 with linespoints lw 2 pt 7 ps 0.6 \
     title spaced(curve)

set output folder."/ledger.svg"
set title "Belief about a line of ten claims, by the length of the ledger"
set xlabel "claims in the ledger"
set ylabel "microseconds, median"
plot for [curve in curves("ledger")] of("ledger", curve) using 1:2 with linespoints lw 2 pt 7 ps 0.6 \
     title spaced(curve)

set output folder."/line.svg"
set title "One line, by its length: each claim follows the last"
set xlabel "claims on the line"
set ylabel "microseconds, median"
plot for [curve in curves("line")] of("line", curve) using 1:2 with linespoints lw 2 pt 7 ps 0.6 title spaced(curve)
