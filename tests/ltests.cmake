# SPDX-License-Identifier: Apache-2.0
# The engine as a whole: against a model, killed, with failing disks, over damaged files, fed with hostile lines.
carnet_test(property ledger SOURCES property/ledger_test.cpp support/toy_model.cpp LIBS toy_domain TIMEOUT 900)
carnet_test(crash ledger SOURCES crash/ledger_test.cpp LIBS toy_domain RocksDB::rocksdb TIMEOUT 900)
carnet_test(fault ledger SOURCES fault/ledger_test.cpp support/faulty_env.cpp LIBS toy_domain RocksDB::rocksdb TIMEOUT 900)
carnet_test(malformed disk SOURCES malformed/disk_test.cpp support/faulty_env.cpp support/log_fixture.cpp
            LIBS toy_domain RocksDB::rocksdb TIMEOUT 900)
carnet_test(malformed ndjson SOURCES malformed/ndjson_test.cpp LIBS toy_domain)
