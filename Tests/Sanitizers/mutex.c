/* ThreadSanitizer cannot see the slow paths of the standard library's Mutex: they run in a library that is not
   instrumented, and hand the lock over inside the kernel. The fast paths are inlined into our code and are seen. This
   shim, preloaded under the sanitizer only, stands before the two slow paths and tells it what they order. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))

/* Defined by the sanitizer's runtime; absent in programs of the same session that are not instrumented. */
extern void __tsan_acquire(void *address) __attribute__((weak));
extern void __tsan_release(void *address) __attribute__((weak));

typedef SWIFT void lock_slow(uint32_t thread, SELF void *handle);
typedef SWIFT void unlock_slow(SELF void *handle);

lock_slow lock_slow_shim __asm__("$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");
unlock_slow unlock_slow_shim __asm__("$s15Synchronization12_MutexHandleV11_unlockSlowyyF");

static void *next(const char *symbol) {
    void *found = dlsym(RTLD_NEXT, symbol);
    if (!found) abort();
    return found;
}

SWIFT void lock_slow_shim(uint32_t thread, SELF void *handle) {
    ((lock_slow *)next("$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"))(thread, handle);
    if (__tsan_acquire) __tsan_acquire(handle);
}

SWIFT void unlock_slow_shim(SELF void *handle) {
    if (__tsan_release) __tsan_release(handle);
    ((unlock_slow *)next("$s15Synchronization12_MutexHandleV11_unlockSlowyyF"))(handle);
}
