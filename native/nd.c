// SPDX-License-Identifier: Apache-2.0
// Neighbour discovery for IPv6 over Ethernet (RFC 4861, RFC 2464).
#include <arpa/inet.h>
#include <netinet/icmp6.h>
#include <netinet/ip6.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include "netlink.h"
#include "packet_socket.h"

enum {
	HOP_LIMIT = 255, /* nothing from beyond a router has it */
	OPTION_UNIT = 8,
};

/* A solicitation and an advertisement differ only in what their flags mean. */
struct nd_message {
	__u8 type;
	__u8 code;
	__be16 checksum;
	__be32 flags;
	__u8 target[IPV6_BYTES];
} __attribute__((packed));

struct nd_frame {
	struct ethhdr ethernet;
	struct ip6_hdr ip;
	struct nd_message message;
	struct {
		__u8 type;
		__u8 units;
		__u8 mac[ETH_ALEN];
	} option;
} __attribute__((packed));

static const __u8 all_nodes[IPV6_BYTES] = { 0xff, 0x02, [15] = 1 };
static const __u8 solicited_node[IPV6_BYTES] = { 0xff, 0x02, [11] = 1, 0xff };

static __u32 add_words(__u32 sum, const void *data, size_t length)
{
	const __u8 *bytes = data;

	for (size_t i = 0; i < length; i++)
		sum += i % 2 ? bytes[i] : bytes[i] << 8;
	return sum;
}

/* The one's complement sum over the pseudo header (RFC 8200, section 8.1) and the message; 0xffff when its checksum is right. */
static __u16 sum_of(const struct nd_frame *frame, size_t length)
{
	__u32 sum = length + IPPROTO_ICMPV6;

	sum = add_words(sum, &frame->ip.ip6_src, sizeof(frame->ip.ip6_src));
	sum = add_words(sum, &frame->ip.ip6_dst, sizeof(frame->ip.ip6_dst));
	sum = add_words(sum, &frame->message, length);
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

int xlvs_nd_open(int interface)
{
	struct sock_filter instructions[] = {
		ONLY_FOR_US,
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, offsetof(struct nd_frame, ip.ip6_nxt)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMPV6, 0, 6),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, offsetof(struct nd_frame, ip.ip6_hlim)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, HOP_LIMIT, 0, 4),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, offsetof(struct nd_frame, message.type)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ND_NEIGHBOR_SOLICIT, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ND_NEIGHBOR_ADVERT, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, LONGEST_READ),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog filter = { .len = sizeof(instructions) / sizeof(instructions[0]), .filter = instructions };
	/* Announcements go to all nodes: the kernel listens there only where it speaks IPv6 itself. */
	struct packet_mreq announcements = {
		.mr_ifindex = interface,
		.mr_type = PACKET_MR_MULTICAST,
		.mr_alen = ETH_ALEN,
		.mr_address = { 0x33, 0x33, 0, 0, 0, 1 },
	};
	int opened = packet_socket_open(interface, ETH_P_IPV6, &filter);

	if (opened >= 0)
		setsockopt(opened, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &announcements, sizeof(announcements));
	return opened;
}

static void write_destination(struct nd_frame *frame, const struct xlvs_ask *ask, int announces)
{
	__u8 group[IPV6_BYTES];

	memcpy(group, announces ? all_nodes : solicited_node, sizeof(group));
	if (!announces)
		memcpy(group + 13, ask->target + 13, 3);
	if (!is_station(ask->destination)) {
		memcpy(&frame->ip.ip6_dst, group, sizeof(group));
		memcpy(frame->ethernet.h_dest, "\x33\x33", 2);
		memcpy(frame->ethernet.h_dest + 2, group + 12, 4);
		return;
	}
	memcpy(&frame->ip.ip6_dst, announces ? all_nodes : ask->target, IPV6_BYTES);
	memcpy(frame->ethernet.h_dest, ask->destination, ETH_ALEN);
}

static size_t write_message(void *data, const struct xlvs_ask *ask)
{
	struct nd_frame *frame = data;
	int announces = memcmp(ask->sender, ask->target, sizeof(ask->sender)) == 0;

	*frame = (struct nd_frame){
		.ethernet.h_proto = htons(ETH_P_IPV6),
		.ip.ip6_flow = htonl(6 << 28),
		.ip.ip6_plen = htons(sizeof(*frame) - offsetof(struct nd_frame, message)),
		.ip.ip6_nxt = IPPROTO_ICMPV6,
		.ip.ip6_hlim = HOP_LIMIT,
		.message.type = announces ? ND_NEIGHBOR_ADVERT : ND_NEIGHBOR_SOLICIT,
		.message.flags = announces ? ND_NA_FLAG_OVERRIDE | (ask->router ? ND_NA_FLAG_ROUTER : 0) : 0,
		.option.type = announces ? ND_OPT_TARGET_LINKADDR : ND_OPT_SOURCE_LINKADDR,
		.option.units = 1,
	};
	write_destination(frame, ask, announces);
	memcpy(frame->ethernet.h_source, ask->source, ETH_ALEN);
	memcpy(&frame->ip.ip6_src, ask->sender, sizeof(ask->sender));
	memcpy(frame->message.target, ask->target, sizeof(ask->target));
	memcpy(frame->option.mac, ask->source, ETH_ALEN);
	frame->message.checksum = htons(~sum_of(frame, ntohs(frame->ip.ip6_plen)));
	return sizeof(*frame);
}

int xlvs_nd_send(int socket, int interface, const struct xlvs_ask *asks, __u32 count)
{
	return packet_socket_send(socket, interface, ETH_P_IPV6, asks, count, write_message);
}

/* Stores the MAC address of the option of this type, if there is one; false, if any option is none. */
static int read_options(const __u8 *options, size_t length, __u8 type, __u8 mac[ETH_ALEN])
{
	while (length > 0) {
		size_t size = length >= 2 ? options[1] * OPTION_UNIT : 0;

		if (size == 0 || size > length)
			return 0;
		if (options[0] == type) {
			if (size != OPTION_UNIT || !is_station(options + 2))
				return 0;
			memcpy(mac, options + 2, ETH_ALEN);
		}
		options += size;
		length -= size;
	}
	return 1;
}

/* A message as section 7.1 of RFC 4861 wants it, and whole. */
static int is_sound(const struct nd_frame *frame, size_t length)
{
	size_t size = ntohs(frame->ip.ip6_plen);

	if (size < sizeof(frame->message))
		return 0;
	if (offsetof(struct nd_frame, message) + size > (length < LONGEST_READ ? length : LONGEST_READ))
		return 0;
	if (frame->ip.ip6_vfc >> 4 != 6 || frame->ip.ip6_nxt != IPPROTO_ICMPV6 || frame->ip.ip6_hlim != HOP_LIMIT)
		return 0;
	return frame->message.code == 0 && frame->message.target[0] != 0xff && sum_of(frame, size) == 0xffff;
}

/* An address that an IPv6 neighbour can have: a mapped one would speak for IPv4. */
static int is_unicast(const __u8 address[IPV6_BYTES])
{
	static const __u8 unspecified[IPV6_BYTES];

	return address[0] != 0xff && address_family(address) == AF_INET6 &&
	       memcmp(address, unspecified, IPV6_BYTES) != 0;
}

/* Who asks says where it is itself. */
static int read_solicitation(const struct nd_frame *frame, size_t options, struct xlvs_heard *heard)
{
	memcpy(heard->sender, &frame->ip.ip6_src, sizeof(heard->sender));
	heard->overrides = 1;
	return read_options((const __u8 *)&frame->option, options, ND_OPT_SOURCE_LINKADDR, heard->mac) &&
	       is_station(heard->mac);
}

static int read_advertisement(const struct nd_frame *frame, size_t options, struct xlvs_heard *heard)
{
	int is_answer = !!(frame->message.flags & ND_NA_FLAG_SOLICITED);

	if (is_answer && frame->ip.ip6_dst.s6_addr[0] == 0xff)
		return 0;
	memcpy(heard->sender, frame->message.target, sizeof(heard->sender));
	heard->overrides = !!(frame->message.flags & ND_NA_FLAG_OVERRIDE);
	return read_options((const __u8 *)&frame->option, options, ND_OPT_TARGET_LINKADDR, heard->mac) &&
	       (is_answer || is_station(heard->mac));
}

static int read_message(const void *data, size_t length, struct xlvs_heard *heard)
{
	const struct nd_frame *frame = data;
	size_t options;

	if (length < offsetof(struct nd_frame, option) || !is_sound(frame, length))
		return 0;
	options = ntohs(frame->ip.ip6_plen) - sizeof(frame->message);
	switch (frame->message.type) {
	case ND_NEIGHBOR_SOLICIT:
		return read_solicitation(frame, options, heard) && is_unicast(heard->sender);
	case ND_NEIGHBOR_ADVERT:
		return read_advertisement(frame, options, heard) && is_unicast(heard->sender);
	default:
		return 0;
	}
}

int xlvs_nd_receive(int socket, struct xlvs_heard *heard, __u32 capacity)
{
	return packet_socket_receive(socket, heard, capacity, read_message);
}
