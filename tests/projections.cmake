# SPDX-License-Identifier: Apache-2.0
# The projection engine over the toy trade, with projections of a host's own.
add_library(toy_projections STATIC ${CMAKE_CURRENT_SOURCE_DIR}/support/toy_projections.cpp)
target_include_directories(toy_projections PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(toy_projections PUBLIC toy_domain PRIVATE carnet_compile)

carnet_test(unit projections SOURCES unit/projections_test.cpp LIBS toy_projections)
carnet_test(property projections SOURCES property/projections_test.cpp LIBS toy_projections TIMEOUT 900)
carnet_test(crash projections SOURCES crash/projections_test.cpp LIBS toy_projections RocksDB::rocksdb TIMEOUT 900)

foreach(example own_events server rental_from_quote_to_release)
  add_test(NAME examples/${example} COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/golden/example.sh
                                            ${CMAKE_CURRENT_SOURCE_DIR}/golden/example-${example}.txt $<TARGET_FILE:${example}>)
  set_tests_properties(examples/${example} PROPERTIES LABELS examples TIMEOUT 120)
endforeach()
if(IS_DIRECTORY /dev/shm)
  set_tests_properties(unit/projections property/projections crash/projections PROPERTIES ENVIRONMENT TMPDIR=/dev/shm)
endif()
