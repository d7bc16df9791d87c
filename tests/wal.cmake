# SPDX-License-Identifier: Apache-2.0
# What stands between RocksDB and the store: write-ahead log scan, plan of an open, FLOOR, status mapping.
set(carnet_wal_support support/faulty_env.cpp support/log_fixture.cpp)
carnet_test(unit wal SOURCES unit/wal_scan_test.cpp unit/wal_records_test.cpp unit/wal_damage_test.cpp unit/rocksdb_facts_test.cpp
                             unit/floor_test.cpp unit/store_status_test.cpp ${carnet_wal_support} LIBS RocksDB::rocksdb)
carnet_test(fault wal SOURCES fault/wal_fault_test.cpp fault/wal_power_loss_test.cpp ${carnet_wal_support}
                      LIBS RocksDB::rocksdb)
