# SPDX-License-Identifier: Apache-2.0
# The carnet command, run as a user runs it.
if(CARNET_BUILD_TOOLS)
  find_path(CARNET_RAPIDJSON_INCLUDE_DIR rapidjson/document.h REQUIRED)
  add_library(carnet_cli_runner STATIC ${CMAKE_CURRENT_LIST_DIR}/cli/runner.cpp)
  target_link_libraries(carnet_cli_runner PUBLIC carnet_compile Boost::unit_test_framework)
  target_include_directories(carnet_cli_runner PUBLIC ${CMAKE_CURRENT_LIST_DIR})
  target_include_directories(carnet_cli_runner SYSTEM PUBLIC ${CARNET_RAPIDJSON_INCLUDE_DIR})
  target_compile_definitions(
    carnet_cli_runner
    PUBLIC BOOST_TEST_DYN_LINK CARNET_TEST_VERSION="${PROJECT_VERSION}"
    PRIVATE CARNET_COMMAND="$<TARGET_FILE:carnet_tool>" CARNET_TEST_FOLDER="${CMAKE_CURRENT_LIST_DIR}")
  foreach(name usage output lists import damage backup describe)
    carnet_test(cli ${name} SOURCES cli/${name}_test.cpp LIBS carnet_cli_runner)
    add_dependencies(test_cli_${name} carnet_tool)
  endforeach()
endif()
