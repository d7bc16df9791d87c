# SPDX-License-Identifier: Apache-2.0
# A host application built against the installed package, both ways (tests/consumer/run).
if(CARNET_BUILD_TOOLS AND NOT CMAKE_CXX_FLAGS_DEBUG MATCHES "-fsanitize")
  foreach(way find_package pkg_config)
    add_test(NAME consumer/${way} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/consumer/run ${way} ${PROJECT_BINARY_DIR}
                                          ${CMAKE_CXX_COMPILER})
    set_tests_properties(consumer/${way} PROPERTIES LABELS consumer TIMEOUT 300)
  endforeach()
endif()
