/* A disk that fails as it is told. Preloaded into a program, it stands between it and what it does to files below DISK_DIR,
 * and numbers whatever changes them: writes, truncations, renames, removals, syncs.
 *
 *   DISK_KILL=n          the process is killed at the n-th, before it
 *   DISK_KILL=n,torn     in the midst: of a write, half of it is there
 *   DISK_KILL=n,power    as a power cut: what was not synced is not there either
 *   DISK_KINDS=file      what each was is written there when the process ends: a letter each, w for a write
 *   DISK_LIES=1          syncs do nothing, and say that they have
 *   DISK_TROUBLE=file    while it holds a name, EIO or EROFS, every write and sync fails with that
 *   DISK_SAME=1          random numbers are the same in each run, and the date stands still
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static long number, target;
static enum { BEFORE, TORN, POWER } way;
static const char *below, *trouble;
static int ready, lies;
static char kinds[1 << 16];

/* What a power cut takes back, the newest last. */
struct undo { int fd; ino_t inode; off_t at; off_t size; size_t length; unsigned char *was; };
static struct undo *undos;
static size_t undone, room;

static void prepare(void) {
    if (ready) return;
    ready = 1;
    below = getenv("DISK_DIR");
    trouble = getenv("DISK_TROUBLE");
    lies = getenv("DISK_LIES") != NULL;
    const char *kill = getenv("DISK_KILL");
    if (kill) {
        target = atol(kill);
        way = strstr(kill, ",torn") ? TORN : strstr(kill, ",power") ? POWER : BEFORE;
    }
}

static int ours(const char *path) { return below && path && strncmp(path, below, strlen(below)) == 0; }

static int ours_fd(int fd) {
    char link[64], path[4096];
    if (!below) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return ours(path);
}

static void die(void) {
    if (way == POWER)
        while (undone--) {
            struct undo *undo = &undos[undone];
            REAL(pwrite)(undo->fd, undo->was, undo->length, undo->at);
            REAL(ftruncate)(undo->fd, undo->size);
        }
    raise(SIGKILL);
}

/* Whether this one is the last; the turn is held from here to `over`. */
static int begin(char kind) {
    pthread_mutex_lock(&turn);
    if ((size_t)number < sizeof kinds - 1) kinds[number] = kind;
    number++;
    if (number == target && way != TORN) die();
    return number == target;
}

static void over(void) { pthread_mutex_unlock(&turn); }

static int fails(void) {
    char name[16] = "";
    if (!trouble) return 0;
    int fd = open(trouble, O_RDONLY);
    if (fd < 0) return 0;
    ssize_t length = read(fd, name, sizeof name - 1);
    close(fd);
    if (length <= 0) return 0;
    errno = strncmp(name, "EIO", 3) == 0 ? EIO : strncmp(name, "EROFS", 5) == 0 ? EROFS : 0;
    return errno != 0;
}

static void remember(int fd, off_t at, size_t length) {
    struct stat stat;
    if (way != POWER || !target || fstat(fd, &stat)) return;
    if (undone == room) undos = realloc(undos, (room = room * 2 + 64) * sizeof *undos);
    struct undo *undo = &undos[undone++];
    *undo = (struct undo){ dup(fd), stat.st_ino, at, stat.st_size, 0, malloc(length) };
    ssize_t was = pread(fd, undo->was, length, at);
    undo->length = was > 0 ? (size_t)was : 0;
}

static void synced(int fd) {
    struct stat stat;
    if (way != POWER || fstat(fd, &stat)) return;
    size_t kept = 0;
    for (size_t i = 0; i < undone; i++) {
        if (undos[i].inode == stat.st_ino) {
            close(undos[i].fd);
            free(undos[i].was);
        } else undos[kept++] = undos[i];
    }
    undone = kept;
}

static ssize_t put(int fd, const void *bytes, size_t length, off_t at, int whole) {
    if (fails()) return -1;
    int last = begin('w');
    remember(fd, at, length);
    if (last) { REAL(pwrite)(fd, bytes, length / 2, at); die(); }
    ssize_t wrote = whole ? REAL(pwrite)(fd, bytes, length, at) : REAL(write)(fd, bytes, length);
    over();
    return wrote;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) {
    prepare();
    return ours_fd(fd) ? put(fd, bytes, length, at, 1) : REAL(pwrite)(fd, bytes, length, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) { return pwrite(fd, bytes, length, at); }

ssize_t write(int fd, const void *bytes, size_t length) {
    prepare();
    return ours_fd(fd) ? put(fd, bytes, length, lseek(fd, 0, SEEK_CUR), 0) : REAL(write)(fd, bytes, length);
}

#define STEP(call)                     \
    if (fails()) return -1;            \
    if (begin('o')) die();             \
    int done = call;                   \
    over();                            \
    return done;

int ftruncate(int fd, off_t size) {
    prepare();
    if (!ours_fd(fd)) return REAL(ftruncate)(fd, size);
    STEP(REAL(ftruncate)(fd, size))
}

int ftruncate64(int fd, off64_t size) { return ftruncate(fd, size); }

static int sync_with(int fd, int (*sync)(int)) {
    prepare();
    if (!ours_fd(fd)) return sync(fd);
    if (fails()) return -1;
    if (begin('s')) die();
    int done = lies ? 0 : sync(fd);
    if (done == 0 && !lies) synced(fd);
    over();
    return done;
}

int fsync(int fd) { return sync_with(fd, REAL(fsync)); }
int fdatasync(int fd) { return sync_with(fd, REAL(fdatasync)); }

int sync_file_range(int fd, off64_t at, off64_t length, unsigned flags) {
    prepare();
    if (!ours_fd(fd)) return REAL(sync_file_range)(fd, at, length, flags);
    STEP(REAL(sync_file_range)(fd, at, length, flags))
}

int rename(const char *from, const char *to) {
    prepare();
    if (!ours(from)) return REAL(rename)(from, to);
    STEP(REAL(rename)(from, to))
}

int unlink(const char *path) {
    prepare();
    if (!ours(path)) return REAL(unlink)(path);
    STEP(REAL(unlink)(path))
}

int mkdir(const char *path, mode_t mode) {
    prepare();
    if (!ours(path)) return REAL(mkdir)(path, mode);
    STEP(REAL(mkdir)(path, mode))
}

ssize_t getrandom(void *bytes, size_t length, unsigned flags) {
    static __thread uint64_t state = 0x9e3779b97f4a7c15u;
    if (!getenv("DISK_SAME")) return REAL(getrandom)(bytes, length, flags);
    for (size_t i = 0; i < length; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        ((unsigned char *)bytes)[i] = state >> 56;
    }
    return length;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    int done = REAL(clock_gettime)(clock, time);
    if (clock == CLOCK_REALTIME && getenv("DISK_SAME")) *time = (struct timespec){ 1800000000, 0 };
    return done;
}

__attribute__((destructor)) static void say(void) {
    const char *path = getenv("DISK_KINDS");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (file) fputs(kinds, file), fclose(file);
}
