# SPDX-License-Identifier: Apache-2.0
# Room lib/project (F4): tables on pages.
carnet_test(unit table_set SOURCES unit/table_set_test.cpp unit/table_set_disk_test.cpp)
carnet_test(property table_set SOURCES property/table_set_test.cpp property/table_set_threads_test.cpp)
