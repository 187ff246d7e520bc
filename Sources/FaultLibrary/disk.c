// A disk that fails: calls on files under one directory, as the bench asks for.
#define _GNU_SOURCE
#include "control.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum call { reading, writing };

static int is_on_failing_disk(int descriptor) {
    char link[64], path[1024];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    size_t prefix = strnlen(fault_control->directory, sizeof fault_control->directory);
    return prefix > 0 && strncmp(path, fault_control->directory, prefix) == 0;
}

/// The error that a call on a descriptor meets, 0 for none; a slow disk waits here.
static int trouble(int descriptor, enum call call) {
    if (!fault_control) return 0;
    uint32_t disk = __atomic_load_n(&fault_control->disk, __ATOMIC_ACQUIRE);
    if (disk == fault_disk_sound || (call == reading && disk != fault_disk_error)) return 0;
    if (!is_on_failing_disk(descriptor)) return 0;
    __atomic_fetch_add(&fault_control->disk_hits, 1, __ATOMIC_RELAXED);
    if (disk == fault_disk_error) return EIO;
    if (disk == fault_disk_read_only) return EROFS;
    struct timespec wait = {fault_control->disk_latency / 1000000000, fault_control->disk_latency % 1000000000};
    while (nanosleep(&wait, &wait) != 0 && errno == EINTR) {}
    return 0;
}

#define INTERPOSE(result, name, kind, parameters, arguments)                 \
    result name parameters {                                                 \
        static result(*next) parameters;                                     \
        if (!next) next = (result(*) parameters)dlsym(RTLD_NEXT, #name);     \
        int error = trouble(descriptor, kind);                               \
        if (error) {                                                         \
            errno = error;                                                   \
            return -1;                                                       \
        }                                                                    \
        return next arguments;                                               \
    }

INTERPOSE(ssize_t, read, reading, (int descriptor, void *buffer, size_t count), (descriptor, buffer, count))
INTERPOSE(ssize_t, pread, reading, (int descriptor, void *buffer, size_t count, off_t at), (descriptor, buffer, count, at))
INTERPOSE(ssize_t, pread64, reading, (int descriptor, void *buffer, size_t count, off64_t at), (descriptor, buffer, count, at))
INTERPOSE(ssize_t, write, writing, (int descriptor, const void *buffer, size_t count), (descriptor, buffer, count))
INTERPOSE(ssize_t, pwrite, writing, (int descriptor, const void *buffer, size_t count, off_t at), (descriptor, buffer, count, at))
INTERPOSE(ssize_t, pwrite64, writing, (int descriptor, const void *buffer, size_t count, off64_t at), (descriptor, buffer, count, at))
INTERPOSE(ssize_t, writev, writing, (int descriptor, const struct iovec *parts, int count), (descriptor, parts, count))
INTERPOSE(ssize_t, pwritev, writing, (int descriptor, const struct iovec *parts, int count, off_t at), (descriptor, parts, count, at))
INTERPOSE(int, fsync, writing, (int descriptor), (descriptor))
INTERPOSE(int, fdatasync, writing, (int descriptor), (descriptor))
INTERPOSE(int, ftruncate, writing, (int descriptor, off_t length), (descriptor, length))
INTERPOSE(int, ftruncate64, writing, (int descriptor, off64_t length), (descriptor, length))
INTERPOSE(int, fallocate, writing, (int descriptor, int mode, off_t at, off_t length), (descriptor, mode, at, length))
