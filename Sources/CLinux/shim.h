// What Swift cannot call by itself: functions that glibc declares only under _GNU_SOURCE, and variadic ones.
#pragma once

#include "fault_control.h"

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

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

/// A packet socket (packet(7)) on an interface: reads what the interface receives, header of its offloads before each frame
/// (PACKET_VNET_HDR), and never what is sent through it. -1 and errno when it cannot be had.
static inline int clinux_packet_socket(const char *interface) {
    unsigned index = if_nametoindex(interface);
    if (index == 0) return -1;
    int descriptor = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -1;
    int one = 1, bytes = 32 << 20;
    if (setsockopt(descriptor, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof one) != 0 ||
        setsockopt(descriptor, SOL_PACKET, 23 /* PACKET_IGNORE_OUTGOING */, &one, sizeof one) != 0) {
        close(descriptor);
        return -1;
    }
    // The larger buffer is a wish: without it a burst is lost earlier, and counted.
    if (setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    struct sockaddr_ll address = {0};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_ALL);
    address.sll_ifindex = (int)index;
    if (bind(descriptor, (struct sockaddr *)&address, sizeof address) != 0) {
        close(descriptor);
        return -1;
    }
    return descriptor;
}

/// Packets that the kernel dropped for want of room since this was asked last.
static inline unsigned clinux_packet_drops(int descriptor) {
    struct tpacket_stats statistics = {0};
    socklen_t length = sizeof statistics;
    return getsockopt(descriptor, SOL_PACKET, PACKET_STATISTICS, &statistics, &length) == 0 ? statistics.tp_drops : 0;
}

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>

/// Attaches an open file to a free loop device that the kernel frees by itself once nothing has it open or mounted. Gives back
/// the open device, whose path goes to `path` (at least 32 bytes); -1 and errno when none can be had.
static inline int clinux_attach_loop(int file, char *path) {
    int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
    if (control < 0) return -1;
    int device = -1;
    // Another process may take the device that the kernel named as free.
    for (int attempt = 0; attempt < 64 && device < 0; attempt++) {
        int number = ioctl(control, LOOP_CTL_GET_FREE);
        if (number < 0) break;
        snprintf(path, 32, "/dev/loop%d", number);
        device = open(path, O_RDWR | O_CLOEXEC);
        if (device < 0) break;
        struct loop_config config = {0};
        config.fd = (uint32_t)file;
        config.info.lo_flags = LO_FLAGS_AUTOCLEAR;
        if (ioctl(device, LOOP_CONFIGURE, &config) == 0) break;
        int reason = errno;
        close(device);
        device = -1;
        errno = reason;
        if (reason != EBUSY) break;
    }
    int reason = errno;
    close(control);
    errno = reason;
    return device;
}

/// Shuts an ext4 file system down as a power cut would: nothing that waits in memory is written, nothing can be written any more
/// (EXT4_IOC_SHUTDOWN with NOLOGFLUSH). `descriptor`: any open file of it. -1 and errno when it is refused.
static inline int clinux_shut_down_ext4(int descriptor) {
    uint32_t without_flushing_the_log = 2;
    return ioctl(descriptor, _IOR('X', 125, uint32_t), &without_flushing_the_log);
}
