# SPDX-License-Identifier: Apache-2.0
# Room lib/codec: what one event costs on its way in and out, beside Cap'n Proto's own builders and readers.
find_package(benchmark REQUIRED)
add_executable(codec_bench ${CMAKE_CURRENT_SOURCE_DIR}/codec_bench.cpp)
target_link_libraries(codec_bench PRIVATE carnet_compile carnet CapnProto::capnp benchmark::benchmark)
