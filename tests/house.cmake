# SPDX-License-Identifier: Apache-2.0
# House rules that a machine can see (tools/check), the checker's own tests, and that each public header stands alone.
add_test(NAME house/check COMMAND ${PROJECT_SOURCE_DIR}/tools/check)
add_test(NAME house/checker_finds_breaches COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/house/checker_test)
add_test(NAME house/headers COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/house/headers_test ${CMAKE_CXX_COMPILER}
                                    ${PROJECT_BINARY_DIR}/generated)
set_tests_properties(house/check house/checker_finds_breaches house/headers PROPERTIES LABELS house TIMEOUT 300)
