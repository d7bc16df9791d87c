# SPDX-License-Identifier: Apache-2.0
# The engine over a toy domain.
set(toy_generated ${CMAKE_CURRENT_BINARY_DIR}/toy)
file(MAKE_DIRECTORY ${toy_generated})
add_custom_command(
  OUTPUT ${toy_generated}/toy.capnp.c++ ${toy_generated}/toy.capnp.h
  COMMAND ${CARNET_CAPNP} compile -o${CARNET_CAPNPC_CXX}:${toy_generated} --src-prefix=${CMAKE_CURRENT_SOURCE_DIR}/support
          -I${PROJECT_SOURCE_DIR}/include ${CMAKE_CURRENT_SOURCE_DIR}/support/toy.capnp
  DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/support/toy.capnp ${PROJECT_SOURCE_DIR}/include/carnet/schema/core.capnp
  VERBATIM)
add_library(toy_domain STATIC ${CMAKE_CURRENT_SOURCE_DIR}/support/toy_domain.cpp ${toy_generated}/toy.capnp.c++)
target_include_directories(toy_domain SYSTEM PUBLIC ${toy_generated})
target_include_directories(toy_domain PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(toy_domain PUBLIC carnet PRIVATE carnet_compile)
set_source_files_properties(${toy_generated}/toy.capnp.c++ PROPERTIES COMPILE_OPTIONS "-w")

carnet_test(unit ledger SOURCES unit/ledger_test.cpp LIBS toy_domain)
add_test(NAME golden/documentation COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/golden/documentation.sh ${PROJECT_SOURCE_DIR})
set_tests_properties(golden/documentation PROPERTIES LABELS golden TIMEOUT 30)
add_test(NAME golden/reference COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/golden/reference.sh ${PROJECT_SOURCE_DIR} $<TARGET_FILE:carnet_tool>)
set_tests_properties(golden/reference PROPERTIES LABELS golden TIMEOUT 30)
add_test(NAME examples/quickstart COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/golden/quickstart.sh ${PROJECT_SOURCE_DIR} $<TARGET_FILE:quickstart>)
set_tests_properties(examples/quickstart PROPERTIES LABELS examples TIMEOUT 60)
