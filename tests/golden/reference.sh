#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The pages in docs/reference/rental are those that the tables give: reference.sh ROOT CARNET [--write].
set -euo pipefail
root=$1 carnet=$2
pages=$root/docs/reference/rental
mkdir -p "$pages"
wrong=0
for page in events lifecycles postings rules codes; do
  if [[ ${3-} == --write ]]; then
    "$carnet" --describe "$page" > "$pages/$page.md"
  elif ! diff -u "$pages/$page.md" <("$carnet" --describe "$page"); then
    wrong=1
  fi
done
if ((wrong)); then
  echo "the tables have changed: bash tests/golden/reference.sh . build/release/tools/carnet/carnet --write" >&2
fi
exit "$wrong"
