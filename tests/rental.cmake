# SPDX-License-Identifier: Apache-2.0
# Room lib/rental (F6) and the importers of real data.
file(GLOB rental_support CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/support/rental_*.cpp)
file(GLOB rental_unit CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/unit/rental_*_test.cpp)
file(GLOB rental_property CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/property/rental_*test.cpp)
add_library(rental_fixture STATIC ${rental_support})
target_link_libraries(rental_fixture PUBLIC carnet rental_test_schema fmt::fmt Boost::unit_test_framework PRIVATE carnet_compile)
target_compile_definitions(rental_fixture PUBLIC BOOST_TEST_DYN_LINK)
target_include_directories(rental_fixture PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})

carnet_test(unit rental SOURCES ${rental_unit} LIBS rental_fixture)
carnet_test(property rental SOURCES ${rental_property} LIBS rental_fixture TIMEOUT 900)
carnet_test(examples importers SOURCES examples/importers_test.cpp support/fines_oracle.cpp LIBS ZLIB::ZLIB TIMEOUT 600)
carnet_test(real fines SOURCES real/fines_test.cpp support/fines_oracle.cpp LIBS ZLIB::ZLIB TIMEOUT 1800)
carnet_test(real trips SOURCES real/trips_test.cpp TIMEOUT 1800)
foreach(test examples_importers real_fines real_trips)
  add_dependencies(test_${test} import_fines import_trips)
endforeach()

# An event of a test's own: what a host adds, it adds with a schema, rows and nothing else.
set(rental_test_generated ${CMAKE_CURRENT_BINARY_DIR}/rental_test)
file(MAKE_DIRECTORY ${rental_test_generated})
add_custom_command(
  OUTPUT ${rental_test_generated}/rental_test.capnp.c++ ${rental_test_generated}/rental_test.capnp.h
  COMMAND ${CARNET_CAPNP} compile -o${CARNET_CAPNPC_CXX}:${rental_test_generated}
          --src-prefix=${CMAKE_CURRENT_SOURCE_DIR}/support -I${PROJECT_SOURCE_DIR}/include
          ${CMAKE_CURRENT_SOURCE_DIR}/support/rental_test.capnp
  DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/support/rental_test.capnp ${PROJECT_SOURCE_DIR}/include/carnet/schema/core.capnp
  VERBATIM)
add_library(rental_test_schema STATIC ${rental_test_generated}/rental_test.capnp.c++)
target_include_directories(rental_test_schema SYSTEM PUBLIC ${rental_test_generated})
target_link_libraries(rental_test_schema PUBLIC carnet)
set_source_files_properties(${rental_test_generated}/rental_test.capnp.c++ PROPERTIES COMPILE_OPTIONS "-w")

# Each case opens a ledger of its own: in memory where that is possible.
if(IS_DIRECTORY /dev/shm)
  set_tests_properties(unit/rental property/rental PROPERTIES ENVIRONMENT TMPDIR=/dev/shm)
endif()
