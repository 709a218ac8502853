# shellcheck shell=bash
# Versions, paths and the chosen compiler, for every script. By hand: `source scripts/env.sh; cargo check`.
# The versions of npm packages are in package.json.
# shellcheck disable=SC2034
RUST_MIN=1.95
NODE_MIN=20
CARGO_LEPTOS_VERSION=0.3.11
CARGO_DENY_VERSION=0.20.2
SCHEMATHESIS_VERSION=4.32.5
POSTGRES_VERSION=15
WASM_TARGET=wasm32-unknown-unknown

SLUICE_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Outside the checkout, so that a second clone finds the slow-to-build tools ready.
export SLUICE_TOOLS=${SLUICE_TOOLS:-$HOME/.cache/sluice-tools}
export PATH="$SLUICE_TOOLS/bin:$SLUICE_ROOT/node_modules/.bin:$PATH"
# Scripts look for programs under target/, whatever the user's own cargo settings say.
export CARGO_TARGET_DIR="$SLUICE_ROOT/target"

# Written by setup.sh: which compiler.
# shellcheck source=/dev/null
[ ! -f "$SLUICE_TOOLS/env" ] || source "$SLUICE_TOOLS/env"

# The job server of `make -j` is not meant for cargo.
unset MAKEFLAGS MFLAGS CARGO_MAKEFLAGS

# The version of wasm-bindgen in the lock file; the command-line tool must be the very same.
wasm_bindgen_version() {
  local found
  found=$(sed -n '/^name = "wasm-bindgen"$/{n;s/^version = "\(.*\)"$/\1/p}' "$SLUICE_ROOT/Cargo.lock" 2>/dev/null || true)
  echo "${found:-0.2.130}"
}

say() { printf '%s\n' "$*"; }
die() {
  printf 'Stopped: %s\n' "$*" >&2
  exit 1
}
