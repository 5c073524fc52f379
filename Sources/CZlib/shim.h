#ifndef HALLEY_CZLIB_SHIM_H
#define HALLEY_CZLIB_SHIM_H

#include <zlib.h>

// The initialisers are macros that add version and struct size, which the importer cannot see through. A negative
// window means raw deflate, without zlib's header and checksum, as RFC 7692 wants it.

static inline int halley_raw_deflate_init(z_stream *stream, int level, int window_bits, int memory_level) {
    return deflateInit2(stream, level, Z_DEFLATED, -window_bits, memory_level, Z_DEFAULT_STRATEGY);
}

static inline int halley_raw_inflate_init(z_stream *stream, int window_bits) {
    return inflateInit2(stream, -window_bits);
}

#endif
