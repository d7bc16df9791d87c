# SPDX-License-Identifier: Apache-2.0
# What a host gets: the static library, headers with the schemas and their generated classes, a CMake package and a
# pkg-config file. tests/consumer builds an application against both.
include(CMakePackageConfigHelpers)

set(carnet_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/carnet)

install(
  TARGETS carnet
  EXPORT carnetTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(
  DIRECTORY ${PROJECT_SOURCE_DIR}/include/carnet
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING
  PATTERN "*.hpp"
  PATTERN "*.capnp")
install(
  DIRECTORY ${carnet_generated}/carnet/schema
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/carnet
  FILES_MATCHING
  PATTERN "*.capnp.h")
install(
  EXPORT carnetTargets
  NAMESPACE carnet::
  DESTINATION ${carnet_package_dir})

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/carnetConfig.cmake.in ${PROJECT_BINARY_DIR}/carnetConfig.cmake
                              INSTALL_DESTINATION ${carnet_package_dir})
# Before 1.0 a minor version may change the API.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/carnetConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/carnetConfig.cmake ${PROJECT_BINARY_DIR}/carnetConfigVersion.cmake
        DESTINATION ${carnet_package_dir})

# Relative to the file itself, so that an installation can be moved.
file(RELATIVE_PATH carnet_pc_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(${PROJECT_SOURCE_DIR}/cmake/carnet.pc.in ${PROJECT_BINARY_DIR}/carnet.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/carnet.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
