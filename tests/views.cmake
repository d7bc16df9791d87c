# SPDX-License-Identifier: Apache-2.0
# Room lib/store (F3): views, indexes, catalog.
carnet_test(unit views SOURCES unit/views_test.cpp)
carnet_test(unit index SOURCES unit/index_test.cpp)
carnet_test(unit catalog SOURCES unit/catalog_test.cpp)
carnet_test(fault views SOURCES fault/views_fault_test.cpp support/faulty_env.cpp LIBS RocksDB::rocksdb)
carnet_test(crash views SOURCES crash/views_crash_test.cpp LIBS RocksDB::rocksdb)
