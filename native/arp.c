// SPDX-License-Identifier: Apache-2.0
// ARP for IPv4 over Ethernet (RFC 826).
#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/if_arp.h>
#include <linux/if_ether.h>

#include "netlink.h"
#include "packet_socket.h"

struct arp_frame {
	struct ethhdr ethernet;
	__be16 hardware;
	__be16 protocol;
	__u8 hardware_length;
	__u8 protocol_length;
	__be16 operation;
	__u8 sender_mac[ETH_ALEN];
	__u8 sender[IPV4_BYTES];
	__u8 target_mac[ETH_ALEN];
	__u8 target[IPV4_BYTES];
} __attribute__((packed));

int xlvs_arp_open(int interface)
{
	struct sock_filter instructions[] = { ONLY_FOR_US, BPF_STMT(BPF_RET | BPF_K, LONGEST_READ) };
	struct sock_fprog filter = { .len = sizeof(instructions) / sizeof(instructions[0]), .filter = instructions };

	return packet_socket_open(interface, ETH_P_ARP, &filter);
}

static const __u8 broadcast[ETH_ALEN] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

static size_t write_request(void *data, const struct xlvs_ask *ask)
{
	struct arp_frame *frame = data;

	*frame = (struct arp_frame){
		.ethernet.h_proto = htons(ETH_P_ARP),
		.hardware = htons(ARPHRD_ETHER),
		.protocol = htons(ETH_P_IP),
		.hardware_length = ETH_ALEN,
		.protocol_length = IPV4_BYTES,
		.operation = htons(ARPOP_REQUEST),
	};
	memcpy(frame->ethernet.h_dest, is_station(ask->destination) ? ask->destination : broadcast, ETH_ALEN);
	memcpy(frame->ethernet.h_source, ask->source, ETH_ALEN);
	memcpy(frame->sender_mac, ask->source, ETH_ALEN);
	memcpy(frame->sender, address_bytes(ask->sender), IPV4_BYTES);
	memcpy(frame->target, address_bytes(ask->target), IPV4_BYTES);
	return sizeof(*frame);
}

int xlvs_arp_send(int socket, int interface, const struct xlvs_ask *asks, __u32 count)
{
	return packet_socket_send(socket, interface, ETH_P_ARP, asks, count, write_request);
}

/* Requests say where their sender is as well as replies do. */
static int read_sender(const void *data, size_t length, struct xlvs_heard *heard)
{
	const struct arp_frame *frame = data;

	if (length < sizeof(*frame) || frame->hardware != htons(ARPHRD_ETHER) || frame->protocol != htons(ETH_P_IP) ||
	    frame->hardware_length != ETH_ALEN || frame->protocol_length != IPV4_BYTES)
		return 0;
	if (!is_station(frame->sender_mac) || memcmp(frame->sender, "\0\0\0\0", IPV4_BYTES) == 0)
		return 0;
	put_address(frame->sender, AF_INET, heard->sender);
	memcpy(heard->mac, frame->sender_mac, ETH_ALEN);
	heard->overrides = 1;
	return 1;
}

int xlvs_arp_receive(int socket, struct xlvs_heard *heard, __u32 capacity)
{
	return packet_socket_receive(socket, heard, capacity, read_sender);
}
