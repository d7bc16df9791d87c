# SPDX-License-Identifier: Apache-2.0
# Room lib/project: what a row of a table costs, beside a plain array of rows.
find_package(benchmark REQUIRED)
add_executable(tables_bench ${CMAKE_CURRENT_SOURCE_DIR}/tables_bench.cpp)
target_link_libraries(tables_bench PRIVATE carnet_compile carnet benchmark::benchmark)
