#ifndef HALLEY_CLINUX_H
#define HALLEY_CLINUX_H

#include <sys/epoll.h>
#include <sys/eventfd.h>

#endif
