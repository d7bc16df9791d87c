#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The quick start of the README is the compiled one, and it runs, twice, with the same outcome.
set -euo pipefail
root=$1
program=$2
part() { sed -n '/\[quickstart\]/,/\[\/quickstart\]/p' "$1" | sed '1d;$d;s/^  //'; }
# shellcheck disable=SC2016 # the back quotes are Markdown's
readme() { sed -n '/^```cpp$/,/^```$/p' "$root/README.md" | sed '1d;$d'; }
diff <(readme) <(part "$root/examples/quickstart.cpp")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for _ in once again; do
  out=$("$program" "$folder/ledger")
  [[ $out == "5 VehicleHandedOver rental/R1" ]] || { echo "unexpected output: $out" >&2; exit 1; }
done
