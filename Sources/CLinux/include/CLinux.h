#ifndef HALLEY_CLINUX_H
#define HALLEY_CLINUX_H

// What glibc's Swift module leaves out: headers it does not list, GNU-guarded functions and types (wrapped in shim.c,
// since _GNU_SOURCE cannot reach declarations the module already owns) and variadic calls, which Swift cannot make.

#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

/// accept4 with SOCK_NONBLOCK and SOCK_CLOEXEC.
int halley_accept(int listener, struct sockaddr_storage *peer, socklen_t *length);

/// epoll_ctl with the event built here: the packed union of epoll_event stays on the C side.
int halley_epoll_control(int epoll, int operation, int descriptor, uint32_t events, uint64_t token);

/// SO_PEERCRED: who connected to a Unix socket, as the kernel saw it at connect time.
int halley_peer_credentials(int descriptor, int32_t *pid, uint32_t *uid, uint32_t *gid);

/// Names the calling thread (at most 15 bytes, longer names are refused by the kernel with ERANGE).
int halley_name_thread(const char *name);

/// Pins the calling thread to one CPU.
int halley_pin_thread(int cpu);

/// Switches O_NONBLOCK and FD_CLOEXEC on for a descriptor somebody else made.
int halley_adopt_descriptor(int descriptor);

/// unshare(CLONE_FILES): from here on the calling thread has a descriptor table of its own, a copy of the shared one.
int halley_unshare_descriptors(void);

/// open("/dev/null") with O_CLOEXEC: a descriptor held in reserve.
int halley_open_null(void);

#endif
