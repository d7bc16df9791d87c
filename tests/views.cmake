# SPDX-License-Identifier: Apache-2.0
# Room lib/store (F3): views, indexes, catalog.
carnet_test(unit views SOURCES unit/views_test.cpp)
carnet_test(unit index SOURCES unit/index_test.cpp)
carnet_test(unit catalog SOURCES unit/catalog_test.cpp)
