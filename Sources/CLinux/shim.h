// What Swift cannot call by itself: functions that glibc declares only under _GNU_SOURCE, and variadic ones.
#pragma once

extern int unshare(int flags);
extern int prctl(int option, ...);

// <sched.h>
enum {
    clinux_new_mount_namespace = 0x00020000,
    clinux_new_user_namespace = 0x10000000,
    clinux_new_pid_namespace = 0x20000000,
    clinux_new_network_namespace = 0x40000000,
};

/// Moves the calling process into new namespaces; its children land in the new pid namespace.
static inline int clinux_unshare(int flags) { return unshare(flags); }

/// The signal that the kernel sends to this process when its parent ends (PR_SET_PDEATHSIG).
static inline int clinux_die_with_parent(int signal) { return prctl(1, (unsigned long)signal, 0UL, 0UL, 0UL); }
