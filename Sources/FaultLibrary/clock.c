// A wall clock that is wrong. Monotonic clocks are untouched. Whoever waits until a moment of the wall clock named it by
// the wrong one, so such deadlines are translated back for the kernel, which goes by the right one.
#define _GNU_SOURCE
#include "control.h"

#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int64_t nanoseconds(const struct timespec *time) { return time->tv_sec * 1000000000LL + time->tv_nsec; }

static void set(struct timespec *time, int64_t value) {
    int64_t rest = value % 1000000000LL;
    if (rest < 0) rest += 1000000000LL;
    time->tv_sec = (value - rest) / 1000000000LL;
    time->tv_nsec = rest;
}

static int real_clock(clockid_t clock, struct timespec *time) {
    static int (*next)(clockid_t, struct timespec *);
    if (!next) next = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    return next ? next(clock, time) : (int)syscall(SYS_clock_gettime, clock, time);
}

/// By how many nanoseconds the wall clock is wrong now.
static int64_t skew(void) {
    struct fault_control *control = fault_control;
    if (!control) return 0;
    int64_t offset, ppm, since, strobe, period;
    uint32_t before;
    do {
        before = __atomic_load_n(&control->sequence, __ATOMIC_ACQUIRE);
        offset = control->clock_offset;
        ppm = control->clock_ppm;
        since = control->clock_since;
        strobe = control->strobe_offset;
        period = control->strobe_period;
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
    } while ((before & 1) || before != __atomic_load_n(&control->sequence, __ATOMIC_RELAXED));
    if (ppm == 0 && period == 0) return offset;
    struct timespec now;
    real_clock(CLOCK_MONOTONIC, &now);
    int64_t elapsed = nanoseconds(&now) - since;
    if (ppm) offset += elapsed / 1000000 * ppm;
    if (period > 0 && elapsed / period % 2) offset += strobe;
    return offset;
}

static int64_t counted_skew(void) {
    int64_t value = skew();
    if (value) __atomic_fetch_add(&fault_control->clock_reads, 1, __ATOMIC_RELAXED);
    return value;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    int result = real_clock(clock, time);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        int64_t wrong = counted_skew();
        if (wrong) set(time, nanoseconds(time) + wrong);
    }
    return result;
}

int gettimeofday(struct timeval *restrict wall, void *restrict zone) {
    (void)zone;
    struct timespec now;
    int result = clock_gettime(CLOCK_REALTIME, &now);
    wall->tv_sec = now.tv_sec;
    wall->tv_usec = now.tv_nsec / 1000;
    return result;
}

time_t time(time_t *result) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (result) *result = now.tv_sec;
    return now.tv_sec;
}

int timespec_get(struct timespec *time, int base) {
    return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, time) == 0 ? base : 0;
}

/// A deadline of the wrong clock in the kernel's time.
static const struct timespec *translated(const struct timespec *deadline, struct timespec *room) {
    int64_t wrong = deadline ? skew() : 0;
    if (!wrong) return deadline;
    set(room, nanoseconds(deadline) - wrong);
    return room;
}

int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *deadline) {
    static int (*next)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
    if (!next) {
        // The old version of the symbol expects another layout of the condition.
        void *found = dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
        if (!found) found = dlsym(RTLD_NEXT, "pthread_cond_timedwait");
        next = (int (*)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *))found;
    }
    struct timespec room;
    // Bit 1 of glibc's `__wrefs`: the condition goes by the monotonic clock.
    if (condition->__data.__wrefs & 2) return next(condition, mutex, deadline);
    return next(condition, mutex, translated(deadline, &room));
}

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict deadline) {
    static int (*next)(sem_t *, const struct timespec *);
    if (!next) next = (int (*)(sem_t *, const struct timespec *))dlsym(RTLD_NEXT, "sem_timedwait");
    struct timespec room;
    return next(semaphore, translated(deadline, &room));
}
