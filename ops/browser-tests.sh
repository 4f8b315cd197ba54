#!/bin/bash
# The pages in a real Chromium, against the real binary: ops/browser-tests.sh SOUK-BINARY SCRATCH-FOLDER
# Screenshots are left in SCRATCH-FOLDER/screenshots, or in $SOUK_TEST_SCREENSHOTS.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
souk=$(realpath "$1")
scratch=$(realpath "$2")
data=$scratch/shop
log=$scratch/serve.log
# The private PostgreSQL runs as a user of its own, which must be able to enter.
mkdir -p "$data"
chmod 755 "$scratch" "$data"
# Away from any souk.toml, which could name a real shop.
cd "$scratch"

for catalogue in flowers/flowers.jsonl flowers/gifts.jsonl; do
    "$souk" --quiet --data "$data" import catalog "$here/fixtures/$catalogue" --invent-stock >/dev/null
done
"$souk" --quiet --data "$data" import catalog "$here/fixtures/online-retail/transactions-2010.csv.gz" \
    --format online-retail-csv --market GB --invent-stock >/dev/null
# The house wraps gifts for 0.750 dinar.
"$souk" --data "$data" psql -- -q -c "insert into wrappings (seller_id, market, minor) values (1, 'KW', 750)"
"$souk" --quiet --data "$data" user add browser@souk.example --password 'a browser test' >/dev/null

# A site of its own whose pages ask this shop; its port must be known before the shop starts.
free_port='const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
site=http://127.0.0.1:$(node -e "$free_port")

# Payment providers that are none, and the shop's accounts with them; messengers whose page shows what the shop sends,
# such as one-time codes.
accounts=$scratch/payments.toml
"$souk" simulate payments --bind 127.0.0.1:0 --accounts "$accounts" >/dev/null 2>&1 &
simulator=$!
"$souk" --json simulate messages --bind 127.0.0.1:0 --mail-bind 127.0.0.1:0 >"$scratch/messages.json" &
messengers=$!
trap 'kill $simulator $messengers 2>/dev/null; wait $simulator $messengers 2>/dev/null || true' EXIT
for _ in $(seq 100); do
    [ -s "$accounts" ] && [ -s "$scratch/messages.json" ] && break
    sleep 0.1
done
said() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" "$scratch/messages.json"; }
messages=$(said url)
cat >"$scratch/notifications.toml" <<END
[mail]
server = "$(said smtp)"
from = "Souk <shop@souk.example>"
[sms]
base = "$messages"
account = "AC0"
token = "token"
from = "Souk"
END

# Before the server that writes it, which may take a moment to begin.
: >"$log"
SOUK_CORS_ORIGINS=$site SOUK_PAYMENTS=$accounts SOUK_NOTIFICATIONS=$scratch/notifications.toml \
    "$souk" --data "$data" serve --bind 127.0.0.1:0 --metrics-bind 127.0.0.1:0 2>"$log" &
pid=$!
trap 'kill $pid $simulator $messengers 2>/dev/null; wait $pid $simulator $messengers 2>/dev/null || true' EXIT
for _ in $(seq 300); do
    url=$(sed -n 's/^Serving at \(http:[^ ]*\)\. .*/\1/p' "$log")
    [ -n "$url" ] && curl -fs "$url/readyz" >/dev/null && break
    kill -0 $pid 2>/dev/null || { tail -n 20 "$log" >&2; exit 1; }
    sleep 0.2
done

cd "$here/crates/web/browser"
npm ci --silent --no-audit --no-fund
SOUK_URL=$url SOUK_SITE=$site SOUK_PAYMENTS=$accounts SOUK_MESSAGES=$messages SOUK_STAFF='browser@souk.example:a browser test' \
    SOUK_SCREENSHOTS=${SOUK_TEST_SCREENSHOTS:-$scratch/screenshots} node --test
