# SPDX-License-Identifier: Apache-2.0
# Two INTERFACE targets that every room uses privately; nothing of them is exported.
add_library(carnet_compile INTERFACE)
target_compile_features(carnet_compile INTERFACE cxx_std_20)
target_include_directories(carnet_compile INTERFACE ${PROJECT_SOURCE_DIR}/lib ${PROJECT_SOURCE_DIR}/include
                                                    ${PROJECT_BINARY_DIR}/generated)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(CARNET_DEVELOPER_MODE)
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
  target_compile_options(
    carnet_compile
    INTERFACE -Werror -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wcast-qual
              -Wdouble-promotion -Wformat=2 -Wimplicit-fallthrough -Wundef -Wnon-virtual-dtor -Woverloaded-virtual
              # -Wrestrict of GCC 12 warns inside std::string operator+ when optimising (GCC bug 105651).
              $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond -Wlogical-op -Wno-restrict>)
endif()
