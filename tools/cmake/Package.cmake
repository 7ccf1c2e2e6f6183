# find_package(claimledger COMPONENTS …): the config file, which finds what the components asked for need.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/claimledger)
configure_package_config_file(tools/cmake/claimledgerConfig.cmake.in ${PROJECT_BINARY_DIR}/claimledgerConfig.cmake
                              INSTALL_DESTINATION ${package_dir} PATH_VARS CMAKE_INSTALL_DATADIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/claimledgerConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/claimledgerConfig.cmake ${PROJECT_BINARY_DIR}/claimledgerConfigVersion.cmake
              tools/cmake/FindSnowball.cmake tools/cmake/FindUtf8proc.cmake
        DESTINATION ${package_dir})
