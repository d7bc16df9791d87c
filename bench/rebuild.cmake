# SPDX-License-Identifier: Apache-2.0
# Rebuild of projections on one core and on two. Events are those of the toy trade of the tests.
add_executable(rebuild_bench ${CMAKE_CURRENT_SOURCE_DIR}/rebuild_bench.cpp ${CMAKE_CURRENT_SOURCE_DIR}/workload.cpp
                             ${CMAKE_CURRENT_SOURCE_DIR}/yardsticks.cpp)
target_include_directories(rebuild_bench PRIVATE ${PROJECT_SOURCE_DIR}/tests ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(rebuild_bench PRIVATE carnet_compile carnet toy_domain RocksDB::rocksdb SQLite::SQLite3 fmt::fmt
                                            Threads::Threads)
