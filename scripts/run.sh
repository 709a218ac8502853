#!/usr/bin/env bash
# Sets up, builds, fills the local database with example data, and serves. Ctrl-C ends it.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh build
scripts/build.sh front server
target/release/sluice migrate
target/release/sluice seed
exec target/release/sluice serve
