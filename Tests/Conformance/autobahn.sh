#!/bin/sh
# Runs the Autobahn WebSocket test suite (sections 1-7, 9, 10, 12, 13) against halley-echo over TLS, on loopback only,
# and writes autobahn-summary.md beside this script.
#
#   sudo Tests/Conformance/autobahn.sh [path to halley-echo]
#
# The suite's last release runs on Python 2.7 alone, which current systems no longer carry; so it lives in a Debian 11
# tree made once by debootstrap under the user's cache, outside the source tree. Root is needed for debootstrap and
# chroot; openssl and debootstrap must be installed. HALLEY_AUTOBAHN_PORT (19443), HALLEY_AUTOBAHN_CASES and
# HALLEY_AUTOBAHN_MIRROR change what their names say.
#
# Fails when a case FAILED or closed wrongly, or when one of 6.4 (fail fast on bad UTF-8) is not OK.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
echo_server=${1:-$here/../../.build/release/halley-echo}
port=${HALLEY_AUTOBAHN_PORT:-19443}
cases=${HALLEY_AUTOBAHN_CASES:-'"1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "9.*", "10.*", "12.*", "13.*"'}
mirror=${HALLEY_AUTOBAHN_MIRROR:-http://deb.debian.org/debian}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/halley/autobahn
root=$cache/root

[ "$(id -u)" = 0 ] || { echo "autobahn.sh: needs root for debootstrap and chroot" >&2; exit 2; }
[ -x "$echo_server" ] || { echo "autobahn.sh: no halley-echo at $echo_server" >&2; exit 2; }

# Runs a command in the tree. The environment of the caller stays outside.
inside() {
    env -i HOME=/root LC_ALL=C PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin PYTHONWARNINGS=ignore \
        PIP_CERT=/etc/ssl/certs/ca-certificates.crt PIP_DISABLE_PIP_VERSION_CHECK=1 \
        chroot "$root" "$@"
}

make_tree() {
    rm -rf "$root" "$cache/ready"
    mkdir -p "$cache"
    debootstrap --variant=minbase \
        --include=python2.7,python2.7-dev,python-setuptools,python-pip-whl,gcc,libc6-dev,libffi-dev,libssl-dev,ca-certificates \
        bullseye "$root" "$mirror"
    # The tree looks up and trusts what this machine does.
    cp -L /etc/resolv.conf "$root/etc/resolv.conf"
    cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
    cat > "$root/opt/requirements.txt" <<'END'
autobahntestsuite==0.8.2
autobahn==0.10.9
Twisted==20.3.0
pyOpenSSL==21.0.0
cryptography==3.3.2
cffi==1.15.1
service-identity==21.1.0
klein==20.6.0
Werkzeug==1.0.1
Jinja2==2.11.3
MarkupSafe==1.1.1
wsaccel==0.6.6
ujson==2.0.3
txaio==2.1.0
zope.interface==5.5.2
attrs==21.4.0
hyperlink==21.0.0
incremental==22.10.0
PyHamcrest==1.10.1
Automat==22.10.0
six==1.17.0
END
    # Debian dropped pip for Python 2 but kept its wheels, enough to install the last one that speaks it.
    inside /bin/sh -ec '
        PYTHONPATH=$(printf "%s:" /usr/share/python-wheels/*.whl)
        export PYTHONPATH
        python2.7 -m pip install --no-cache-dir pip==20.3.4 setuptools==44.1.1 wheel==0.37.1
        unset PYTHONPATH
        python2.7 -m pip install --no-cache-dir -r /opt/requirements.txt'
    touch "$cache/ready"
}

[ -e "$cache/ready" ] || make_tree

# A certificate for this run; the suite does not check it.
run=$(mktemp -d)
server=
finish() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    rm -rf "$run"
}
trap finish EXIT
trap 'exit 130' INT TERM
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
    -keyout "$run/key.pem" -out "$run/certificate.pem" 2>/dev/null

"$echo_server" --port "$port" --certificate "$run/certificate.pem" --private-key "$run/key.pem" &
server=$!
tries=0
until openssl s_client -connect "127.0.0.1:$port" </dev/null >/dev/null 2>&1; do
    kill -0 "$server" 2>/dev/null || { echo "autobahn.sh: halley-echo did not start" >&2; exit 1; }
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || { echo "autobahn.sh: halley-echo does not answer on port $port" >&2; exit 1; }
    sleep 0.1
done

rm -rf "$root/opt/run"
mkdir -p "$root/opt/run"
cat > "$root/opt/run/spec.json" <<END
{
    "outdir": "/opt/run/reports",
    "servers": [{"agent": "halley-echo", "url": "wss://127.0.0.1:$port"}],
    "cases": [$cases],
    "exclude-cases": [],
    "exclude-agent-cases": {}
}
END
inside /bin/sh -ec 'cd /opt/run && wstest -m fuzzingclient -s spec.json' > "$cache/wstest.log" 2>&1 || {
    tail -20 "$cache/wstest.log" >&2
    exit 1
}
kill -0 "$server" 2>/dev/null || { echo "autobahn.sh: halley-echo died during the run" >&2; exit 1; }

cp "$here/autobahn-summary.py" "$root/opt/run/summary.py"
verdict=0
inside python2.7 /opt/run/summary.py /opt/run/reports/index.json > "$run/summary.md" || verdict=$?
cp "$run/summary.md" "$here/autobahn-summary.md"
cat "$here/autobahn-summary.md"
echo "Reports: $root/opt/run/reports/index.html"
exit "$verdict"
