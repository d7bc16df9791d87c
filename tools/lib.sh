# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What the scripts in this folder share: to be sourced. Sets `root`.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s: %s\n' "tools/$(basename "$0")" "$*" >&2; }

job_count() { echo "${CARNET_JOBS:-$(nproc)}"; }

# build PRESET [TARGET...]: configures where needed, then builds with ccache where it is installed.
build() {
  local preset=$1
  shift
  local launcher=()
  if command -v ccache >/dev/null; then
    launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
    export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1
  fi
  say "building preset $preset"
  cmake -S "$root" --preset "$preset" "${launcher[@]}" >"$root/build/$preset.configure.log" 2>&1 ||
    { cat "$root/build/$preset.configure.log" >&2; return 1; }
  ninja -C "$root/build/$preset" -j "$(job_count)" "$@"
}

# The folder of the real data sets, if there is one.
real_data() {
  local folder=${CARNET_REAL_DATA:-$root/../shared/data}
  [[ -d $folder ]] && (cd "$folder" && pwd)
}
