# SPDX-License-Identifier: Apache-2.0
# The rows of the README's table, each beside a yardstick measured in the same run. Events are those of the toy trade of the tests.
find_package(SQLite3 REQUIRED)
add_executable(carnet_bench ${CMAKE_CURRENT_SOURCE_DIR}/carnet_bench.cpp ${CMAKE_CURRENT_SOURCE_DIR}/growth.cpp ${CMAKE_CURRENT_SOURCE_DIR}/plot.cpp ${CMAKE_CURRENT_SOURCE_DIR}/rows.cpp
                            ${CMAKE_CURRENT_SOURCE_DIR}/workload.cpp
                            ${CMAKE_CURRENT_SOURCE_DIR}/yardsticks.cpp ${CMAKE_CURRENT_SOURCE_DIR}/report.cpp)
target_include_directories(carnet_bench PRIVATE ${PROJECT_SOURCE_DIR}/tests ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(carnet_bench PRIVATE carnet_compile carnet toy_domain RocksDB::rocksdb SQLite::SQLite3 fmt::fmt
                                           Threads::Threads)
