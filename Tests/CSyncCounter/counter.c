#include "CSyncCounter.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

// Every method goes on to the real file, which lies behind ours in the same allocation; xSync counts first.

struct tally {
    struct tally *next;
    int syncs;
    char path[];
};

struct counted_file {
    sqlite3_file base;
    struct tally *tally;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct tally *tallies;
static sqlite3_vfs *real_vfs;
static sqlite3_vfs counting_vfs;

static sqlite3_file *real(sqlite3_file *file) { return (sqlite3_file *)((struct counted_file *)file + 1); }

static int on_close(sqlite3_file *f) { return real(f)->pMethods ? real(f)->pMethods->xClose(real(f)) : SQLITE_OK; }
static int on_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at) { return real(f)->pMethods->xRead(real(f), p, n, at); }
static int on_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at) { return real(f)->pMethods->xWrite(real(f), p, n, at); }
static int on_truncate(sqlite3_file *f, sqlite3_int64 n) { return real(f)->pMethods->xTruncate(real(f), n); }

static int on_sync(sqlite3_file *f, int flags) {
    struct tally *tally = ((struct counted_file *)f)->tally;
    pthread_mutex_lock(&lock);
    if (tally) tally->syncs++;
    pthread_mutex_unlock(&lock);
    return real(f)->pMethods->xSync(real(f), flags);
}

static int on_size(sqlite3_file *f, sqlite3_int64 *n) { return real(f)->pMethods->xFileSize(real(f), n); }
static int on_lock(sqlite3_file *f, int level) { return real(f)->pMethods->xLock(real(f), level); }
static int on_unlock(sqlite3_file *f, int level) { return real(f)->pMethods->xUnlock(real(f), level); }
static int on_check(sqlite3_file *f, int *out) { return real(f)->pMethods->xCheckReservedLock(real(f), out); }
static int on_control(sqlite3_file *f, int op, void *arg) { return real(f)->pMethods->xFileControl(real(f), op, arg); }
static int on_sector(sqlite3_file *f) { return real(f)->pMethods->xSectorSize(real(f)); }
static int on_traits(sqlite3_file *f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); }
static int on_map(sqlite3_file *f, int page, int size, int extend, void volatile **out) { return real(f)->pMethods->xShmMap(real(f), page, size, extend, out); }
static int on_shared_lock(sqlite3_file *f, int at, int n, int flags) { return real(f)->pMethods->xShmLock(real(f), at, n, flags); }
static void on_barrier(sqlite3_file *f) { real(f)->pMethods->xShmBarrier(real(f)); }
static int on_unmap(sqlite3_file *f, int remove) { return real(f)->pMethods->xShmUnmap(real(f), remove); }

static const sqlite3_io_methods methods = {
    2, on_close, on_read, on_write, on_truncate, on_sync, on_size, on_lock, on_unlock, on_check,
    on_control, on_sector, on_traits, on_map, on_shared_lock, on_barrier, on_unmap,
};

static struct tally *tally_for(const char *path) {
    pthread_mutex_lock(&lock);
    struct tally *tally = tallies;
    while (tally && strcmp(tally->path, path) != 0) tally = tally->next;
    if (!tally) {
        size_t size = strlen(path) + 1;
        tally = calloc(1, sizeof *tally + size);
        if (tally) {
            memcpy(tally->path, path, size);
            tally->next = tallies;
            tallies = tally;
        }
    }
    pthread_mutex_unlock(&lock);
    return tally;
}

static int on_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out_flags) {
    (void)vfs;
    struct counted_file *counted = (struct counted_file *)file;
    counted->base.pMethods = NULL;
    counted->tally = path ? tally_for(path) : NULL;
    int code = real_vfs->xOpen(real_vfs, path, real(file), flags, out_flags);
    if (real(file)->pMethods) counted->base.pMethods = &methods;
    return code;
}

static void install_once(void) {
    real_vfs = sqlite3_vfs_find(NULL);
    if (!real_vfs) return;
    counting_vfs = *real_vfs;
    counting_vfs.pNext = NULL;
    counting_vfs.zName = "counting";
    counting_vfs.szOsFile = (int)sizeof(struct counted_file) + real_vfs->szOsFile;
    counting_vfs.xOpen = on_open;
    sqlite3_vfs_register(&counting_vfs, 1);
}

int csync_install(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    int code = sqlite3_initialize();
    if (code != SQLITE_OK) return code;
    pthread_once(&once, install_once);
    return real_vfs ? SQLITE_OK : SQLITE_ERROR;
}

int csync_count(const char *prefix) {
    int syncs = 0;
    pthread_mutex_lock(&lock);
    for (struct tally *tally = tallies; tally; tally = tally->next)
        if (strncmp(tally->path, prefix, strlen(prefix)) == 0) syncs += tally->syncs;
    pthread_mutex_unlock(&lock);
    return syncs;
}
