# How this project's own code is compiled. Nothing here reaches a consumer: warnings and sanitizers are carried by
# claimledger_compile_options(), which every target of ours calls.

include(GNUInstallDirs)

if(PROJECT_IS_TOP_LEVEL)
  if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, Release, RelWithDebInfo or MinSizeRel" FORCE)
  endif()
  find_program(CLAIMLEDGER_CCACHE ccache)
  if(CLAIMLEDGER_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CLAIMLEDGER_CCACHE})
  endif()
endif()

set(CMAKE_CXX_EXTENSIONS OFF)
# A library's private dependency is seen by whoever links its archive, in another folder too.
set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ON)

# GCC 12 sees an overlap in "text" + std::string where there is none (its bug 105651, mended in 13), and reads of what
# an empty std::optional does not hold. The clang build and the sanitizers look for the real ones.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  set(CLAIMLEDGER_FALSE_WARNINGS -Wno-restrict -Wno-maybe-uninitialized)
endif()

function(claimledger_compile_options target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wswitch-enum
                                           ${CLAIMLEDGER_FALSE_WARNINGS}
                                           $<$<BOOL:${CLAIMLEDGER_WERROR}>:-Werror>)
  if(CLAIMLEDGER_SANITIZE STREQUAL "address")
    set(flags -fsanitize=address -fno-omit-frame-pointer)
    set(undefined -fsanitize=undefined -fno-sanitize-recover=all)
  elseif(CLAIMLEDGER_SANITIZE STREQUAL "thread")
    set(flags -fsanitize=thread -fno-omit-frame-pointer)
  elseif(CLAIMLEDGER_SANITIZE)
    message(FATAL_ERROR "CLAIMLEDGER_SANITIZE is address, thread or empty; not '${CLAIMLEDGER_SANITIZE}'")
  else()
    return()
  endif()
  # What is asked of the library, not of its tests: a third of the time to compile them.
  if(NOT CLAIMLEDGER_COMPILES_TESTS)
    target_compile_options(${target} PRIVATE ${undefined})
  endif()
  target_compile_options(${target} PRIVATE ${flags})
  target_link_options(${target} PRIVATE ${flags} ${undefined})
endfunction()
