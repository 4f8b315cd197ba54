#!/bin/bash
# Describes every SQL statement anew: ops/sqlx-prepare.sh [URL of a server's maintenance database] [folder, default .sqlx]
# [what cargo does for it, default check]
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
cd "$here"
url=${1:-$(cargo run -q -p souk-testdb -- start)}
folder=${2:-$here/.sqlx}
with=("${@:3}")
[ $# -gt 2 ] || with=(check --quiet --locked --workspace --all-targets)
database=souk_sqlx_$$
psql=$(command -v psql || ls -d /usr/lib/postgresql/*/bin/psql | sort -V | tail -n 1)

"$psql" -q "$url" -c "create database $database"
trap '"$psql" -q "$url" -c "drop database if exists $database with (force)"' EXIT
for migration in migrations/*.sql; do
    "$psql" -q -1 -v ON_ERROR_STOP=1 -d "${url%/*}/$database" -f "$migration" >/dev/null
done

rm -rf "$folder"
mkdir -p "$folder"
# The macros describe a statement while they expand, so the crates that have some are checked anew.
for room in commerce feed; do touch "crates/$room/src/lib.rs"; done
SQLX_OFFLINE=false SQLX_OFFLINE_DIR=$folder DATABASE_URL="${url%/*}/$database" \
    cargo "${with[@]}"
