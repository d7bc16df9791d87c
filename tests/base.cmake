# SPDX-License-Identifier: Apache-2.0
# Rooms lib/base (F0) and lib/model (F1).
carnet_test(unit base SOURCES unit/base_test.cpp unit/base_files_test.cpp unit/base_text_test.cpp unit/base_time_test.cpp)
carnet_test(unit model SOURCES unit/model_test.cpp)
