// What the bench tells a node's preloaded fault library (Sources/FaultLibrary), through a file that both have mapped.
#pragma once

#include <stdint.h>

enum {
    fault_disk_sound = 0,
    /// Every write and sync first waits for `disk_latency` nanoseconds.
    fault_disk_slow = 1,
    /// Reads, writes and syncs fail with EIO.
    fault_disk_error = 2,
    /// Writes fail with EROFS.
    fault_disk_read_only = 3,
};

struct fault_control {
    /// Odd while the bench is writing (a sequence lock): readers try again.
    uint32_t sequence;
    uint32_t disk;
    /// The wall clock is wrong by `clock_offset` nanoseconds, by `clock_ppm` millionths of the time since `clock_since`
    /// (monotonic nanoseconds), and, in every second stretch of `strobe_period` nanoseconds, by `strobe_offset`.
    int64_t clock_offset;
    int64_t clock_ppm;
    int64_t clock_since;
    int64_t strobe_offset;
    int64_t strobe_period;
    int64_t disk_latency;
    /// Calls that met a wrong clock, and calls that met a failing disk: counted by the library.
    uint64_t clock_reads;
    uint64_t disk_hits;
    /// Only files under this directory are on the failing disk.
    char directory[1024];
};

/// Between these two the bench changes the rest; the fences keep its writes in between.
static inline void clinux_fault_begin(struct fault_control *control) {
    __atomic_fetch_add(&control->sequence, 1, __ATOMIC_SEQ_CST);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}
static inline void clinux_fault_end(struct fault_control *control) {
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    __atomic_fetch_add(&control->sequence, 1, __ATOMIC_SEQ_CST);
}
