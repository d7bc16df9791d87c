# SPDX-License-Identifier: Apache-2.0
# carnet_schema: the C++ of include/carnet/schema/*.capnp, generated into <build>/generated/carnet/schema.
# Schema names inside the compiled nodes are relative to include/, so that they do not depend on the machine.
find_program(CARNET_CAPNP capnp REQUIRED)
find_program(CARNET_CAPNPC_CXX capnpc-c++ REQUIRED)

set(carnet_generated ${PROJECT_BINARY_DIR}/generated)
file(MAKE_DIRECTORY ${carnet_generated}/carnet/schema)
file(GLOB carnet_schema_files CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/include
     ${PROJECT_SOURCE_DIR}/include/carnet/schema/*.capnp)
set(carnet_schema_sources)
foreach(schema IN LISTS carnet_schema_files)
  set(source ${carnet_generated}/${schema}.c++)
  set(header ${carnet_generated}/${schema}.h)
  set(others ${carnet_schema_files})
  list(TRANSFORM others PREPEND ${PROJECT_SOURCE_DIR}/include/)
  add_custom_command(
    OUTPUT ${source} ${header}
    COMMAND ${CARNET_CAPNP} compile -o${CARNET_CAPNPC_CXX}:${carnet_generated} --src-prefix=${PROJECT_SOURCE_DIR}/include
            -I${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/include/${schema}
    DEPENDS ${others}
    COMMENT "capnp ${schema}"
    VERBATIM)
  list(APPEND carnet_schema_sources ${source})
endforeach()

add_library(carnet_schema OBJECT ${carnet_schema_sources})
target_compile_features(carnet_schema PUBLIC cxx_std_20)
target_include_directories(carnet_schema PUBLIC ${carnet_generated})
target_link_libraries(carnet_schema PUBLIC CapnProto::capnp)
