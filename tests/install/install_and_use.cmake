# Run by CTest. Everything starts empty, so that nothing left of an earlier run can help.
file(REMOVE_RECURSE ${work}/prefix ${work}/consumer ${work}/example)

function(run)
  execute_process(COMMAND ${ARGV} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# Builds the project in `source` with what is installed, and runs its tests: for debugging, which compiles quickest.
function(use source name)
  run(${CMAKE_COMMAND} -S ${source} -B ${work}/${name} -G ${generator} -DCMAKE_PREFIX_PATH=${work}/prefix
      -DCMAKE_CXX_COMPILER=${compiler} -DCMAKE_CXX_COMPILER_LAUNCHER=${launcher} -DCMAKE_BUILD_TYPE=Debug)
  run(${CMAKE_COMMAND} --build ${work}/${name})
  run(${CMAKE_CTEST_COMMAND} --test-dir ${work}/${name} --output-on-failure --no-tests=error)
endfunction()

run(${CMAKE_COMMAND} --install ${build} --prefix ${work}/prefix)
use(${consumer} consumer)
# The author of an adapter: the example that the package brings, judged by its conformance kit.
use(${work}/prefix/share/claimledger/conformance/example example)
