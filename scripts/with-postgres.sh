#!/usr/bin/env bash
# with-postgres.sh COMMAND…: runs it with SLUICE_TEST_POSTGRES_URL naming a fresh PostgreSQL server
# that only this machine can reach, and that is gone afterwards, whatever happens.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"

bin=/usr/lib/postgresql/$POSTGRES_VERSION/bin
dir=$(mktemp -d "${TMPDIR:-/tmp}/sluice-postgres.XXXXXX")
# PostgreSQL refuses to run as root.
as_postgres() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
stop() {
  trap '' INT TERM
  as_postgres "$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$dir"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')
printf '%s\n' "$password" >"$dir/password"
[ "$(id -u)" != 0 ] || chown -R postgres "$dir"
(
  cd "$dir" # one that the user postgres may enter
  as_postgres "$bin/initdb" -N -D "$dir/data" -U sluice --pwfile="$dir/password" -A scram-sha-256 -E UTF8 --locale=C.UTF-8 >"$dir/log" 2>&1 &&
    as_postgres "$bin/pg_ctl" -D "$dir/data" -w -l "$dir/server.log" -o "-p $port -c listen_addresses=127.0.0.1 -k $dir" start >>"$dir/log" 2>&1
) || die "PostgreSQL did not start: $(tail -5 "$dir/log")"

SLUICE_TEST_POSTGRES_URL=postgres://sluice:$password@127.0.0.1:$port/postgres "$@"
