# SPDX-License-Identifier: Apache-2.0
# Room lib/store: what an entry of the indexes and a name of the catalog cost, in memory and published.
find_package(benchmark REQUIRED)
add_executable(index_bench ${CMAKE_CURRENT_SOURCE_DIR}/index_bench.cpp)
target_link_libraries(index_bench PRIVATE carnet_compile carnet benchmark::benchmark)
