/* SPDX-License-Identifier: Apache-2.0 */
/* What ARP and ND share: packet sockets of one interface that never block, and their frames by the batch. */
#ifndef XLVS_PACKET_SOCKET_H
#define XLVS_PACKET_SOCKET_H

#include <stddef.h>

#include <linux/filter.h>

#include "shim.h"

/* The longest frame that is sent, and as much as is read of one that was received. */
enum {
	LONGEST_SENT = 128,
	LONGEST_READ = 2048,
};

/* Writes the frame that asks; returns its length. It begins with an Ethernet header. */
typedef size_t frame_writer(void *frame, const struct xlvs_ask *ask);
/* True for a frame that says where an address is; stores what it says. `length` is the frame's own, which may be cut short. */
typedef int frame_reader(const void *frame, size_t length, struct xlvs_heard *heard);

/* Hears frames of one protocol (ETH_P_…) that are for this machine and pass the filter. */
int packet_socket_open(int interface, __u16 protocol, const struct sock_fprog *filter);
int packet_socket_send(int socket, int interface, __u16 protocol, const struct xlvs_ask *asks, __u32 count,
		       frame_writer *write);
int packet_socket_receive(int socket, struct xlvs_heard *heard, __u32 capacity, frame_reader *read);

/* A MAC address that one station can have. */
int is_station(const __u8 mac[6]);

/* The first instructions of a filter: a frame for somebody else, or of a VLAN that no interface takes, ends at once. */
#define ONLY_FOR_US                                                      \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_PKTTYPE), \
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 3 /* PACKET_OTHERHOST */, 0, 1), BPF_STMT(BPF_RET | BPF_K, 0)

#endif
