# SPDX-License-Identifier: Apache-2.0
# Rooms lib/proof and lib/seal (F2).
carnet_test(unit proof SOURCES unit/proof_test.cpp)
carnet_test(unit seal SOURCES unit/seal_test.cpp unit/seal_keys_test.cpp unit/seal_provider_test.cpp)
