#!/usr/bin/env bash
# test.sh PART…: check (formatting, lints), deny (dependencies), unit (Rust tests),
# api (the API against its own document), e2e (browser tests).
# Stops at the first part that fails; the last line tells.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"
cd "$SLUICE_ROOT"

asked=$* part=set-up
finish() {
  local code=$?
  say
  if [ $code = 0 ]; then say "PASSED: $asked"; else say "FAILED: $part (exit code $code)"; fi
}
trap finish EXIT

check() {
  cargo fmt --all --check
  cargo clippy --locked --workspace --all-targets -- -D warnings
  # The browser half apart: one run over both would mix the features ssr and hydrate.
  cargo clippy --locked --target "$WASM_TARGET" -p app --no-default-features --features hydrate -- -D warnings
  cargo clippy --locked --target "$WASM_TARGET" -p policy -- -D warnings
}
deny() {
  cargo deny --locked --workspace check bans licenses sources
  if timeout 60 cargo deny --locked --workspace fetch db >/dev/null 2>&1; then
    cargo deny --locked --workspace check advisories
  else
    say "Advisories: not checked, because their database could not be fetched."
  fi
}
unit() { scripts/with-postgres.sh cargo test --locked --workspace; }
api() {
  scripts/build.sh debug
  scripts/api.sh
}
e2e() {
  scripts/build.sh debug front
  SLUICE_BIN=$SLUICE_ROOT/target/debug/sluice playwright test --config end2end
}

scripts/setup.sh test
# shellcheck source=/dev/null
source scripts/env.sh
for part in "$@"; do
  say "--- $part"
  "$part"
done
