# SPDX-License-Identifier: Apache-2.0
# Backups, restoring, metrics.
carnet_test(crash backup SOURCES operation/backup_test.cpp LIBS toy_domain)
carnet_test(unit metrics SOURCES operation/metrics_test.cpp LIBS toy_domain)
