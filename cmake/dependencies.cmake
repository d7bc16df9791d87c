# SPDX-License-Identifier: Apache-2.0
# Everything comes from Debian 12 packages: tools/deps installs what is missing.
find_package(Threads REQUIRED)
find_package(RocksDB REQUIRED)
find_package(CapnProto REQUIRED)
find_package(fmt REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(date REQUIRED)
find_package(ZLIB REQUIRED)
