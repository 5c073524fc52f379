#!/usr/bin/env bash
# Installs what is missing on a Debian machine, and nothing else; running it again does nothing.
#
#   deploy/install-dependencies.sh --run     what `make run` needs: libraries and tools to build
#   deploy/install-dependencies.sh --test    the same, and what `make test` needs: outside clients, a Python venv
#
# Asks for sudo when not root and something is missing. The Swift toolchain itself is no Debian package: it must
# be on the PATH (https://www.swift.org/install/linux/), and the script says so when it is not.
set -euo pipefail

usage() {
    echo "usage: $0 --run | --test" >&2
    exit 2
}

[ $# -eq 1 ] || usage
case "$1" in
    --run | --test) purpose=$1 ;;
    *) usage ;;
esac

root=$(cd "$(dirname "$0")/.." && pwd)
missing=()

# A library or header package: only dpkg knows whether it is there.
need_package() {
    case "$(dpkg-query -W -f='${Status}' "$1" 2>/dev/null || true)" in
        "install ok installed") ;;
        *) missing+=("$1") ;;
    esac
}

# A program: wherever it comes from is good, the package is only the way to get it.
need_command() {
    command -v "$1" >/dev/null 2>&1 || missing+=("${@:2}")
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        echo "$0: needs root (no sudo here) for: $*" >&2
        exit 1
    fi
}

command -v apt-get >/dev/null 2>&1 || {
    echo "$0: no apt-get here; this script knows Debian only" >&2
    exit 1
}
need_package libssl-dev
need_package libsystemd-dev
need_package libsqlite3-dev
need_package zlib1g-dev
need_package libcurl4-openssl-dev
need_package ca-certificates
need_command g++ g++ # the C++ headers and the linker that the Swift toolchain uses
need_command pkg-config pkg-config
need_command git git
need_command curl curl

if [ "$purpose" = --test ]; then
    need_command sqlite3 sqlite3
    need_command openssl openssl
    need_command chromium chromium
    need_package fonts-liberation # a minimal Chromium has no letters of its own to draw with
    need_package fonts-noto-color-emoji
    need_command systemd-analyze systemd
    need_command python3 python3 python3-venv
    # Debian 12's node 18 has no WebSocket of its own: its `ws` package comes along.
    need_command node nodejs node-ws
    if command -v python3 >/dev/null 2>&1 && ! python3 -c 'import ensurepip, venv' >/dev/null 2>&1; then
        missing+=(python3-venv)
    fi
fi

if [ ${#missing[@]} -gt 0 ]; then
    echo "installing Debian packages: ${missing[*]}"
    install=(env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${missing[@]}")
    # The lists may be missing (a fresh container) or stale; only then are they fetched.
    as_root "${install[@]}" || {
        as_root apt-get update
        as_root "${install[@]}"
    }
fi

if ! command -v swift >/dev/null 2>&1; then
    echo "$0: no Swift toolchain on the PATH; install Swift 6.3 from https://www.swift.org/install/linux/" >&2
    exit 1
fi

if [ "$purpose" = --test ]; then
    venv=$root/.build/venv
    requirements=$root/Tests/requirements.txt
    # The copy of the requirements is made last, so an interrupted installation is done again.
    if ! cmp -s "$requirements" "$venv/requirements.txt"; then
        echo "making the Python venv $venv"
        python3 -m venv --clear "$venv"
        "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements"
        cp "$requirements" "$venv/requirements.txt"
    fi
fi
