# claimledger_library(name SOURCES … LINK … PRIVATE_LINK …)
#
# The library claimledger_<name>, seen inside and outside as claimledger::<name>. Its public headers are in include/
# beside the CMakeLists.txt, where there is such a folder. Each library is its own component of the package.
function(claimledger_library name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "" "SOURCES;LINK;PRIVATE_LINK")
  set(target claimledger_${name})
  add_library(${target} STATIC ${ARG_SOURCES})
  add_library(claimledger::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_link_libraries(${target} PUBLIC ${ARG_LINK} PRIVATE ${ARG_PRIVATE_LINK})
  claimledger_compile_options(${target})
  target_include_directories(${target} PRIVATE src)
  if(IS_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/include)
    target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>)
  endif()
  claimledger_component(${name} ${target})
endfunction()

# Installs a target, its public headers and its place in the package.
function(claimledger_component name target)
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  install(TARGETS ${target} EXPORT claimledger-${name} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
          INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  install(EXPORT claimledger-${name} NAMESPACE claimledger:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/claimledger)
  if(IS_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/include)
    install(DIRECTORY include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  endif()
endfunction()

# claimledger_executable(name OUTPUT … SOURCES … LINK … INCLUDE …): a program of ours, compiled like the libraries.
# INCLUDE names folders of private headers, from the top of the tree.
function(claimledger_executable name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "OUTPUT" "SOURCES;LINK;INCLUDE")
  add_executable(${name} ${ARG_SOURCES})
  target_compile_features(${name} PRIVATE cxx_std_20)
  target_link_libraries(${name} PRIVATE ${ARG_LINK})
  claimledger_compile_options(${name})
  list(TRANSFORM ARG_INCLUDE PREPEND ${PROJECT_SOURCE_DIR}/)
  target_include_directories(${name} PRIVATE ${ARG_INCLUDE})
  if(CLAIMLEDGER_SANITIZE STREQUAL "thread")
    target_sources(${name} PRIVATE ${CLAIMLEDGER_KNOWN_RACES})
  endif()
  if(ARG_OUTPUT)
    set_target_properties(${name} PROPERTIES OUTPUT_NAME ${ARG_OUTPUT})
  endif()
endfunction()
