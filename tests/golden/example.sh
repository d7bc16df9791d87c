#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# An example runs, twice on one ledger, and says what stands in golden/example-NAME.txt each time.
set -euo pipefail
golden=$1
program=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for _ in once again; do
  diff "$golden" <("$program" "$folder/ledger")
done
