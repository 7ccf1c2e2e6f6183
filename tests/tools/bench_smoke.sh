#!/usr/bin/env bash
# Runs a part of the benchmark at its smallest, in a folder of its own: bench_smoke.sh PROGRAM PART [ARGUMENT].
# Exit code 77: what the part needs is not there.
set -euo pipefail

bench=$1 part=$2 argument=${3:-}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# It prints its table; an empty one is no table.
print() {
  local out
  out=$("$bench" --size smallest "$@") || return
  printf '%s\n' "$out"
  (($(wc -l <<<"$out") > 2))
}

case $part in
  section)
    stores=("sqlite:$folder/agent.db")
    [[ $argument != nodes && $argument != vectors ]] || stores=(memory:)
    [[ $argument != growing && $argument != calls ]] || stores+=(memory:)
    for store in "${stores[@]}"; do print --store "$store" "$argument"; done
    ;;
  against) print --folder "$folder" --older "$argument" --newer "$argument" ;;
  instructions)
    command -v valgrind >/dev/null || { echo "not run: valgrind is not there"; exit 77; }
    for work in batch recall; do
      mkdir "$folder/$work"
      "$bench" --repeat "$work" --times 1 --folder "$folder/$work"
    done
    print --folder "$folder" --instructions --record --baseline "$folder/instructions.txt"
    sed -i 's/^lone .*/lone 1000/' "$folder/instructions.txt"  # nothing is that cheap
    status=0
    print --folder "$folder" --instructions --baseline "$folder/instructions.txt" || status=$?
    ((status == 1))
    ;;
  postgres)
    connection=${CLAIMLEDGER_TEST_POSTGRES:-$(cat "$argument/connection" 2>/dev/null || true)}
    [[ $connection ]] || { echo "not run: there is no Postgres server to test with"; exit 77; }
    print --store "postgres:$connection"
    ;;
  *) exit 2 ;;
esac
