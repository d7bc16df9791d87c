#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The worked example of the format page is the golden frame, byte for byte.
set -euo pipefail
root=$1
page=$root/docs/reference/log-format.md
golden=$root/tests/golden/data/frame.hex
shown=$(sed -n '/^### Worked example/,/^## /p' "$page" | sed -n 's/^[0-9a-f]\{4\}  \([0-9a-f]\{16,32\}\).*$/\1/p')
if [[ -z $shown ]]; then
  echo "the page shows no example" >&2
  exit 1
fi
diff <(printf '%s\n' "$shown") "$golden"
