#!/usr/bin/env bash
# build.sh [front] [server] [debug]: the browser half (target/site), the server (target/release/sluice),
# the server for the browser tests (target/debug/sluice).
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"
cd "$SLUICE_ROOT"

front() {
  local want inputs stamp=target/front.stamp
  want=$(wasm_bindgen_version)
  [ "$(wasm-bindgen --version)" = "wasm-bindgen $want" ] ||
    die "Cargo.lock has wasm-bindgen $want, but the tool is $(wasm-bindgen --version); run make setup"
  # cargo-leptos begins anew each time; so ask first whether any input is other than last time.
  inputs=$(rustc -V && find app crates style .cargo Cargo.toml Cargo.lock package-lock.json -type f -exec sha256sum {} + | LC_ALL=C sort)
  if [ -d target/site/pkg ] && [ "$inputs" = "$(cat $stamp 2>/dev/null)" ]; then
    say "Browser code: unchanged"
    return
  fi
  say "Browser code: building; about 2 minutes the first time"
  rm -f $stamp
  # A trace through cargo-leptos itself would bury the error.
  RUST_BACKTRACE=0 cargo leptos build --release --frontend-only --precompress
  rm -f target/site/pkg/*.d.ts* # types for TypeScript, which no browser asks for
  printf '%s\n' "$inputs" >$stamp
}

for part in "$@"; do
  case $part in
    front) front ;;
    server)
      say "Server: building; about 10 minutes the first time"
      cargo build --locked --release -p server
      ;;
    debug) cargo build --locked --workspace --bin sluice ;; # --workspace: the same features as in the tests, so nothing is built twice
    *) die "usage: build.sh [front] [server] [debug]" ;;
  esac
done
