#!/usr/bin/env bash
# api.sh: asks the API of a fresh demo for a few thousand things, right and wrong, and compares every answer with its document.
# What it asks is the same each time; scripts/schemathesis.toml says what counts as wrong. Needs target/debug/sluice.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"
cd "$SLUICE_ROOT"

sluice=$SLUICE_ROOT/target/debug/sluice
dir=$(mktemp -d "${TMPDIR:-/tmp}/sluice-api.XXXXXX")
server=
stop() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  rm -rf "$dir"
}
trap stop EXIT

port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')
export SLUICE_DATABASE_URL=sqlite:$dir/sluice.db SLUICE_ADDR=127.0.0.1:$port SLUICE_LOG=warn
"$sluice" migrate
"$sluice" seed >/dev/null
SLUICE_KEY=$("$sluice" key create --org large --name "Check of the API" --scope read,write,preview,audit --days 1)
export SLUICE_KEY
"$sluice" serve >"$dir/log" 2>&1 &
server=$!
for _ in $(seq 50); do
  ! curl -sf "http://$SLUICE_ADDR/readyz" >/dev/null || break
  sleep 0.2
done

(cd "$dir" && schemathesis --config-file "$SLUICE_ROOT/scripts/schemathesis.toml" run "http://$SLUICE_ADDR/api/v1/openapi.json" --checks all --max-time 90)
# A key that was revoked on the way would have made everything after it an easy 401.
curl -sf -o /dev/null -H @- "http://$SLUICE_ADDR/api/v1/me" <<<"Authorization: Bearer $SLUICE_KEY" || die "the key of the check works no more"
if grep -i "panicked" "$dir/log"; then die "the server panicked"; fi
