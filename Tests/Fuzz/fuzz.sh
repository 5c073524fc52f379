#!/bin/sh
# Fuzzes a codec with libFuzzer and the address sanitizer.
#
#   Tests/Fuzz/fuzz.sh websocket|http|multipart [seconds] [corpus directory]
#
# Builds the codec's own sources and the entry into one program, so no other target is needed. The corpus grows in the
# given directory (default: .build/fuzz/<codec>-corpus). Fails when an input crashes or reads differently when cut.
set -eu

codec=${1:?usage: fuzz.sh websocket|http|multipart [seconds] [corpus directory]}
seconds=${2:-60}
tree=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
build=$tree/.build/fuzz
corpus=${3:-$build/$codec-corpus}
case $codec in
    websocket) room=WebSocketCodec entry=WebSocketFuzz ;;
    http) room=HTTPCodec entry=HTTPFuzz ;;
    multipart) room=HTTPCodec entry=MultipartFuzz ;;
    *) echo "fuzz.sh: no codec called $codec" >&2; exit 2 ;;
esac

mkdir -p "$build" "$corpus"
swiftc -O -parse-as-library -sanitize=fuzzer,address -swift-version 6 -module-name "$entry" \
    -enable-upcoming-feature InternalImportsByDefault -I "$tree/Sources/CZlib" \
    -o "$build/$codec" "$tree/Sources/$room"/*.swift "$tree/Tests/Fuzz/$entry.swift"

# Something valid to begin with: the alphabet of the protocol is found much faster from here.
case $codec in
    websocket)
        printf '\000\003\201\205\067\372\041\075\177\237\115\121\130' > "$corpus/seed-text"
        printf '\002\003\001\003Hel\211\000\200\002lo\210\002\003\350' > "$corpus/seed-fragments"
        printf '\003\003\301\007\362\110\315\311\311\007\000' > "$corpus/seed-deflate"
        ;;
    http)
        printf '\003GET /a?b=c HTTP/1.1\r\nHost: a\r\nConnection: upgrade, close\r\n\r\n' > "$corpus/seed-get"
        printf '\003POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc' > "$corpus/seed-length"
        printf '\003PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nT: u\r\n\r\n' \
            > "$corpus/seed-chunked"
        ;;
    multipart)
        printf '\003--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n' > "$corpus/seed-field"
        printf '\003--x\r\nContent-Disposition: form-data; name=f; filename="a.png"\r\nContent-Type: image/png\r\n\r\n\r\n--y\r\n--x--' \
            > "$corpus/seed-file"
        ;;
esac
cd "$build"
exec "$build/$codec" -max_total_time="$seconds" -max_len=2048 -timeout=10 -print_final_stats=1 "$corpus"
