# Run by CTest. Everything starts empty, so that nothing left of an earlier run can help.
file(REMOVE_RECURSE ${work}/prefix ${work}/consumer)

function(run)
  execute_process(COMMAND ${ARGV} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

run(${CMAKE_COMMAND} --install ${build} --prefix ${work}/prefix)
run(${CMAKE_COMMAND} -S ${consumer} -B ${work}/consumer -G ${generator} -DCMAKE_PREFIX_PATH=${work}/prefix
    -DCMAKE_CXX_COMPILER=${compiler} -DCMAKE_CXX_COMPILER_LAUNCHER=${launcher} -DCMAKE_BUILD_TYPE=${type})
run(${CMAKE_COMMAND} --build ${work}/consumer)
run(${CMAKE_CTEST_COMMAND} --test-dir ${work}/consumer --output-on-failure --no-tests=error)
