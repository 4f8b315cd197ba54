# What a fresh Debian or Ubuntu machine lacks is installed here. Sourced by ./demo and ./test.

RUST_MIN=1.95

say() { printf '%s\n' "$*" >&2; }

# install PACKAGE…: by apt, as root or with sudo; says so first.
install() {
    if ! command -v apt-get >/dev/null; then
        say "Missing: $*. Install them with this system's package manager and run this again."
        exit 1
    fi
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || { say "Missing: $*. Run as root: apt-get install $*"; exit 1; }
        as_root=sudo
    fi
    say "Installing $* (apt-get)."
    log=$(mktemp)
    $as_root apt-get update >"$log" 2>&1 || true
    if ! $as_root env DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 apt-get install -y \
        --no-install-recommends -o Dpkg::Options::=--force-confold "$@" >>"$log" 2>&1; then
        tail -n 20 "$log" >&2
        say "apt-get install failed; its whole output is in $log"
        exit 1
    fi
    rm -f "$log"
}

need_rust() {
    command -v cargo >/dev/null || { say "Missing: Rust $RUST_MIN or newer (https://rustup.rs)."; exit 1; }
    have=$(rustc --version | sed 's/^rustc \([0-9]*\.[0-9]*\).*/\1/')
    if [ "$(printf '%s\n%s\n' "$RUST_MIN" "$have" | sort -V | head -n 1)" != "$RUST_MIN" ]; then
        say "Rust $have is too old; Souk needs $RUST_MIN or newer. With rustup: rustup update stable"
        exit 1
    fi
    command -v cc >/dev/null || install build-essential
}

# Any PostgreSQL from 15 on will do; none is needed where DATABASE_URL names one.
need_postgres() {
    for bin in "${SOUK_PG_BIN:-/nonexistent}" /usr/lib/postgresql/*/bin /opt/homebrew/opt/postgresql@*/bin \
        "$(pg_config --bindir 2>/dev/null || echo /nonexistent)"; do
        [ -x "$bin/postgres" ] || continue
        major=$("$bin/postgres" --version | sed 's/^[^0-9]*\([0-9]*\).*/\1/')
        [ "$major" -ge 15 ] && return
    done
    # Souk runs a private cluster of its own; the package need not make and start another one.
    conf=/etc/postgresql-common/createcluster.conf
    if [ -d /etc/apt ] && [ ! -e "$conf" ]; then
        say "Writing \"create_main_cluster = false\" to $conf, so that the package starts no server of its own."
        sudo=
        [ "$(id -u)" -eq 0 ] || sudo=sudo
        $sudo mkdir -p "${conf%/*}" && echo 'create_main_cluster = false' | $sudo tee "$conf" >/dev/null
    fi
    install postgresql
}
