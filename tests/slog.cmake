# SPDX-License-Identifier: Apache-2.0
# The log (lib/store/local_log.hpp) and the contract of CommitLog.
carnet_test(contract commit_log SOURCES contract/commit_log_contract_test.cpp support/faulty_env.cpp LIBS RocksDB::rocksdb)
carnet_test(unit local_log SOURCES unit/local_log_test.cpp unit/local_log_sealing_test.cpp unit/local_log_secondary_test.cpp
            support/faulty_env.cpp LIBS RocksDB::rocksdb)
carnet_test(fault local_log SOURCES fault/local_log_fault_test.cpp support/faulty_env.cpp LIBS RocksDB::rocksdb TIMEOUT 900)
carnet_test(crash log_kill SOURCES crash/log_kill_test.cpp LIBS RocksDB::rocksdb TIMEOUT 900)
# Thousands of small databases: in memory where that is possible, because the file system with faults keeps its own books of
# what was synced.
if(IS_DIRECTORY /dev/shm)
  set_tests_properties(fault/local_log PROPERTIES ENVIRONMENT TMPDIR=/dev/shm)
endif()
