// SPDX-License-Identifier: Apache-2.0
// ARP for IPv4 over Ethernet (RFC 826) over packet sockets that never block.
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include "shim.h"

struct arp_frame {
	struct ethhdr ethernet;
	__be16 hardware;
	__be16 protocol;
	__u8 hardware_length;
	__u8 protocol_length;
	__be16 operation;
	__u8 sender_mac[ETH_ALEN];
	__be32 sender;
	__u8 target_mac[ETH_ALEN];
	__be32 target;
} __attribute__((packed));

static struct sockaddr_ll endpoint(int interface)
{
	return (struct sockaddr_ll){
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ARP),
		.sll_ifindex = interface,
		.sll_halen = ETH_ALEN,
	};
}

int xlvs_arp_open(int interface)
{
	struct sockaddr_ll where = endpoint(interface);
	/* Protocol 0 hears nothing until bind names the interface, so that no frame of another one is queued. */
	int opened = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error;

	if (opened < 0)
		return -errno;
	if (bind(opened, (struct sockaddr *)&where, sizeof(where)) == 0)
		return opened;
	error = -errno;
	close(opened);
	return error;
}

static struct arp_frame request(const struct xlvs_arp_ask *ask)
{
	struct arp_frame frame = {
		.ethernet.h_proto = htons(ETH_P_ARP),
		.hardware = htons(ARPHRD_ETHER),
		.protocol = htons(ETH_P_IP),
		.hardware_length = ETH_ALEN,
		.protocol_length = sizeof(ask->target),
		.operation = htons(ARPOP_REQUEST),
		.sender = ask->sender,
		.target = ask->target,
	};

	memcpy(frame.ethernet.h_dest, ask->destination, ETH_ALEN);
	memcpy(frame.ethernet.h_source, ask->source, ETH_ALEN);
	memcpy(frame.sender_mac, ask->source, ETH_ALEN);
	return frame;
}

int xlvs_arp_send(int socket, int interface, const struct xlvs_arp_ask *asks, __u32 count)
{
	struct sockaddr_ll where = endpoint(interface);

	for (__u32 i = 0; i < count; i++) {
		struct arp_frame frame = request(&asks[i]);

		memcpy(where.sll_addr, asks[i].destination, ETH_ALEN);
		if (sendto(socket, &frame, sizeof(frame), MSG_DONTWAIT, (struct sockaddr *)&where, sizeof(where)) < 0)
			return i > 0 ? (int)i : -errno;
	}
	return count;
}

/* A frame that says where a unicast IPv4 address is: requests and replies both do. */
static int sound(const struct arp_frame *frame, ssize_t length)
{
	return length >= (ssize_t)sizeof(*frame) && frame->hardware == htons(ARPHRD_ETHER) &&
	       frame->protocol == htons(ETH_P_IP) && frame->hardware_length == ETH_ALEN &&
	       frame->protocol_length == sizeof(frame->sender) && frame->sender != 0 && !(frame->sender_mac[0] & 1) &&
	       memcmp(frame->sender_mac, "\0\0\0\0\0\0", ETH_ALEN) != 0;
}

int xlvs_arp_receive(int socket, struct xlvs_arp_heard *heard, __u32 capacity)
{
	struct arp_frame frame;
	__u32 read, count = 0;
	ssize_t length;

	for (read = 0; read < capacity; read++) {
		length = recv(socket, &frame, sizeof(frame), MSG_DONTWAIT | MSG_TRUNC);
		if (length < 0 && errno != EAGAIN && errno != EINTR && count == 0)
			return -errno;
		if (length < 0)
			break;
		if (!sound(&frame, length))
			continue;
		heard[count].sender = frame.sender;
		memcpy(heard[count].mac, frame.sender_mac, ETH_ALEN);
		heard[count].zero = 0;
		count++;
	}
	return count;
}

int xlvs_close(int descriptor)
{
	return close(descriptor) ? -errno : 0;
}
