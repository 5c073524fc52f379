#!/usr/bin/env bash
# Asks sslyze whether a running `halleyd --dev` meets Mozilla's "intermediate" TLS configuration.
#
#   Tests/Conformance/tls.sh [path to halleyd]
#
# Starts its own daemon on a free port, prints the findings, and fails on any but those that come from the private CA
# that `--dev` makes for itself: nobody's trust store knows it.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
halleyd=${1:-${HALLEYD:-$root/.build/release/halleyd}}
python=$root/.build/venv/bin/python

[ -x "$halleyd" ] || { echo "tls.sh: no halleyd at $halleyd" >&2; exit 2; }
[ -x "$python" ] || { echo "tls.sh: no venv; deploy/install-dependencies.sh --test makes it" >&2; exit 2; }
# sslyze complains about roots in the trust stores it brings along; that is not about us.
exec "$python" -W ignore "$here/tls_findings.py" "$halleyd"
