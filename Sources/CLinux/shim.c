#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>

int halley_accept(int listener, struct sockaddr_storage *peer, socklen_t *length) {
    return accept4(listener, (struct sockaddr *)peer, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int halley_epoll_control(int epoll, int operation, int descriptor, uint32_t events, uint64_t token) {
    struct epoll_event event = {.events = events, .data = {.u64 = token}};
    return epoll_ctl(epoll, operation, descriptor, &event);
}

int halley_peer_credentials(int descriptor, int32_t *pid, uint32_t *uid, uint32_t *gid) {
    struct ucred credentials;
    socklen_t length = sizeof credentials;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == -1) return -1;
    *pid = credentials.pid;
    *uid = credentials.uid;
    *gid = credentials.gid;
    return 0;
}

// The pthread calls answer with the error number; here they speak like system calls.
static int from_pthread(int code) {
    if (code == 0) return 0;
    errno = code;
    return -1;
}

int halley_name_thread(const char *name) {
    return from_pthread(pthread_setname_np(pthread_self(), name));
}

int halley_pin_thread(int cpu) {
    if (cpu < 0 || cpu >= CPU_SETSIZE) {
        errno = EINVAL;
        return -1;
    }
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    return from_pthread(pthread_setaffinity_np(pthread_self(), sizeof set, &set));
}

int halley_adopt_descriptor(int descriptor) {
    int status = fcntl(descriptor, F_GETFL);
    if (status == -1 || fcntl(descriptor, F_SETFL, status | O_NONBLOCK) == -1) return -1;
    int flags = fcntl(descriptor, F_GETFD);
    if (flags == -1) return -1;
    return fcntl(descriptor, F_SETFD, flags | FD_CLOEXEC);
}

int halley_unshare_descriptors(void) {
    return unshare(CLONE_FILES);
}

int halley_open_null(void) {
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}
