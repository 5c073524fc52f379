#ifndef HALLEY_CZLIB_SHIM_H
#define HALLEY_CZLIB_SHIM_H

#include <zlib.h>

#endif
