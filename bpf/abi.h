/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Every layout that the packet program, native/ and the controller share.
 * TypeScript's codecs are generated from the BTF of what is declared here
 * (make build; make abi-check fails when they drift), so a number that both
 * sides need is an enum: a #define leaves no trace in BTF.
 */
#ifndef XLVS_ABI_H
#define XLVS_ABI_H

#include <linux/types.h>

/* Raised whenever a pinned map's meaning changes; a controller refuses to adopt another one's maps. */
enum abi_limit {
	ABI_VERSION = 2,
	SLOTS_PER_LINE = 4, /* connection or listener slots in a line */
	LISTENER_LINES_PER_LISTENER = 2, /* so that two candidate lines are never full in practice */
	SERVERS_PER_LINE = 32, /* ring slots in a 64-byte line */
	MAXIMUM_INTERFACES = 64,
	MAXIMUM_LOOKAHEAD = 1024,
	MAXIMUM_TIMEOUT_SECONDS = 57600, /* last seen is a 16-bit second: 16 hours leave room to see the age */
	BUSY_SECONDS = 2, /* a slot that was claimed longer ago is free again */
	STATES = 16, /* room in settings.timeouts */
	NO_INDEX = 0, /* listeners, services, servers and sources count from 1 */
	MAXIMUM_HOPS = 15, /* routes that replies are matched with before the kernel's own table is asked */
	MAXIMUM_SOURCES = 255, /* full NAT's addresses: a slot has eight bits for one */
	PORTS = 65536, /* of one source and protocol */
};

/* What became of a packet. Three groups, one XDP action each: see outcome.h. */
enum outcome {
	CONTINUE = 0, /* no outcome yet; never leaves the program */

	/* passed to the kernel */
	NOT_IP, /* ARP and anything else */
	NOT_UNICAST, /* a broadcast or multicast frame */
	NOT_OURS, /* no listener at this address, port and protocol */
	NOT_MASTER, /* for a VIP that another director answers for now */
	NOT_A_REPLY, /* from a NAT server's endpoint, and of no connection: its own traffic */
	BROKEN_IP_HEADER, /* the kernel counts and discards it */
	DELIVERED, /* to the real server that is this director itself */

	/* sent out, by XDP_TX on the interface it came from or redirected to another */
	FORWARDED, /* by its connection entry, back out of the same interface */
	REDIRECTED, /* by its connection entry, out of another interface */
	HASHED, /* by the flow-hash ring, without an entry, out of the same interface */
	HASH_REDIRECTED, /* the same, out of another interface */
	REPLIED, /* a NAT server's reply on its way to the client, out of the same interface */
	REPLY_REDIRECTED, /* the same, out of another interface */
	RESET_SENT, /* stray TCP answered with RST */
	ICMP_SENT, /* answered with an ICMP error: its time was over, or it is too big for the way to its server */

	/* dropped */
	MALFORMED, /* for a listener of ours, but its TCP or UDP header is not to be trusted */
	FRAGMENT, /* for a VIP of ours, and no first fragment claims it */
	STRAY, /* TCP without entry and SYN, where the service says drop; a RST, or what no host sent, that belongs to nothing */
	NO_REAL_SERVER, /* nobody eligible in the ring */
	SERVER_UNRESOLVED, /* the connection's server has no MAC address now */
	NO_EGRESS, /* the interface it should leave by has no entry in the device map */
	NOT_CONFIGURED, /* a listener whose service has no schedule: an apply died between two writes */
	TUPLE_TAKEN, /* the client's port has a connection with the same endpoint by another listener: replies could not be told apart */
	NO_SLOT, /* NAT needs an entry, and every slot that the flow may have is held by somebody established */
	NO_SOURCE_PORT, /* full NAT: no free port was found at its source address */
	ICMP_WITHHELD, /* would have been answered with an ICMP error, and may not, or not that often */
	NO_NEXT_HOP, /* a reply, and neither our routes nor the kernel's know the way to its client */
	EXTENSION_HEADERS, /* for a VIP of ours, with more IPv6 extension headers than are looked at, or one that hides the ports */

	OUTCOMES,
} __attribute__((packed));

/* spec: TCP states as IPVS names them; the same numbers index settings.timeouts. */
enum connection_state {
	STATE_NONE = 0,
	STATE_ESTABLISHED,
	STATE_SYN_SENT,
	STATE_SYN_RECEIVED,
	STATE_FIN_WAIT,
	STATE_TIME_WAIT,
	STATE_CLOSE,
	STATE_CLOSE_WAIT,
	STATE_LAST_ACK,
	STATE_LISTEN,
	STATE_SYN_ACK,
	STATE_UDP,
	STATE_BUSY, /* somebody is writing the key: listener is 0, so that nobody takes it for an entry */
} __attribute__((packed));

enum connection_flag {
	FLAG_PROBATION = 1, /* may be displaced: nothing has shown yet that the client is real */
};

/* Which flow is it? One 64-bit word. */
struct connection_key {
	__be32 client;
	__be16 client_port;
	__be16 service_port;
};

/* Whose is it, and how does it do? One 64-bit word, changed by compare-and-swap alone. All zero: an empty slot. */
struct connection_owner {
	__u16 listener;
	__u16 server;
	__u16 second; /* last seen, see clock.h */
	enum connection_state state;
	__u8 flags; /* enum connection_flag */
};

struct connection_slot {
	union {
		struct connection_key key;
		__u64 key_word;
	};
	union {
		struct connection_owner owner;
		__u64 owner_word;
	};
};

/* A cache line; two neighbours (index ^ 1) make one bucket. */
struct connection_line {
	struct connection_slot slots[SLOTS_PER_LINE];
};

/* IPv6, or an IPv4 address mapped into it (::ffff:0:0/96). */
struct address {
	union {
		__u8 bytes[16];
		__u64 words[2];
		__be32 quads[4];
	};
};

/* The last of a wide key's three words; see there. */
struct wide_ports {
	__be16 client_port;
	__be16 service_port;
	__be16 own_port; /* full NAT: at its source; else 0 */
	__u8 source; /* index in sources */
	__u8 check;
};

/* In a wide key's check, beside seven bits of hash. */
enum wide_check {
	CHECK_IPV6 = 128, /* the client is one of IPv6, whose address may end in zeros as the other's key does */
};

/*
 * Which flow is it, where 64 bits do not tell: IPv6; IPv4 to a listener of many addresses (the client in the first four
 * bytes, the VIP in the next, zero); and flows that have a source port of ours (full NAT). `check` is a hash of the
 * client's words: of a key that two claims wrote at once, which takes one that slept for seconds, nobody's is whole.
 */
struct wide_key {
	union {
		struct address client;
		__u64 client_words[2];
	};
	union {
		struct wide_ports ports;
		__u64 ports_word;
	};
};

struct wide_slot {
	struct wide_key key;
	union {
		struct connection_owner owner;
		__u64 owner_word;
	};
};

/* Two cache lines, which processors fetch together; buckets are as in the other table. */
struct wide_line {
	struct wide_slot slots[SLOTS_PER_LINE];
};

/* What a key of the listener tables stands for. */
enum listener_kind {
	KIND_LISTENER = 0, /* VIP and port: requests come here */
	KIND_ENDPOINT, /* a NAT server's address and port: replies come from here */
	KIND_SOURCE, /* an address that full NAT sends from, port 0, protocol 0 */
} __attribute__((packed));

/* One 64-bit word; address 0 has no listener, so all zero is an empty slot. */
struct listener_key {
	__be32 address;
	__be16 port;
	__u8 protocol;
	enum listener_kind kind;
};

enum listener_flag {
	LISTENER_PASSIVE = 1, /* another director is MASTER for this VIP: pass by */
	LISTENER_WIDE = 2, /* its flows are in wide_connections */
	ENDPOINT_NARROW = 4, /* flows to it may be in connections */
	ENDPOINT_WIDE = 8, /* flows to it may be in wide_connections, under the client's address */
	ENDPOINT_FULL = 16, /* flows to it may come back to a source of ours */
	ENDPOINT_TUNNEL = 32, /* a tunnel ends there; its port is 0, its protocol IP in IP */
};

/* One 64-bit word too. */
struct listener {
	__u16 index; /* what connection slots name; not reused while one of them does. Of KIND_SOURCE: in sources */
	__u16 service;
	__u8 flags; /* enum listener_flag */
	__u8 zero[3];
};

/* Of the listener_places map, by a listener's index: what it is. The program reads the address: where replies come from. */
struct listener_place {
	struct address address; /* of a network the first one */
	__u16 first_port;
	__u16 last_port;
	__u8 prefix; /* bits of the address that count */
	__u8 protocol;
	__u8 flags; /* enum listener_flag */
	__u8 zero[9];
};

struct listener_slot {
	union {
		struct listener_key key;
		__u64 key_word;
	};
	union {
		struct listener value;
		__u64 value_word;
	};
};

/* Of the listeners map: a listener is in one of two lines that its key's hash names (hash.h). One writer. */
struct listener_line {
	struct listener_slot slots[SLOTS_PER_LINE];
};

struct wide_listener_port {
	__be16 port;
	__u8 protocol;
	enum listener_kind kind;
	__u32 taken; /* 1 */
};

/* The last word is never zero in a slot that is taken; it is written last and cleared first. */
struct wide_listener_key {
	struct address address;
	union {
		struct wide_listener_port port;
		__u64 port_word;
	};
};

struct wide_listener_slot {
	struct wide_listener_key key;
	union {
		struct listener value;
		__u64 value_word;
	};
};

/* Of the wide_listeners map, for IPv6; else like listeners. */
struct wide_listener_line {
	struct wide_listener_slot slots[SLOTS_PER_LINE];
};

/* Key of the vips map, a longest-prefix match: single VIPs and networks of them, IPv4 under ::ffff:0:0/96. */
struct vip_key {
	__u32 bits; /* of the prefix */
	__u8 address[16];
};

enum vip_protocol {
	VIP_TCP = 1,
	VIP_UDP = 2,
	VIP_SCTP = 4,
};

struct vip {
	__u16 block; /* its number; 0: no listener here but exact ones */
	__u16 parent; /* block of the next shorter prefix that has one; 0: none */
	__u16 protocols; /* enum vip_protocol: what this prefix, or one around it, has listeners for */
	__u16 zero;
};

/* Of the blocks array: a prefix that has listeners in the ports map. */
struct block {
	__u16 parent; /* the next shorter one around it; 0: none */
	__u16 zero[3];
};

/* Key of the ports map, a longest-prefix match: a block's ports by protocol, a range in as many prefixes as it takes. */
struct port_key {
	__u32 bits; /* 32 for block and protocol, and those of the port that count */
	__be16 block;
	__be16 protocol;
	__be16 port;
	__u16 zero;
};

/* Where a flow's turn in the ring comes from. */
enum start {
	START_COUNTER = 0, /* the schedule's turn, one tick a pick */
} __attribute__((packed));

/* What to do with TCP that has neither entry nor SYN, or whose server was removed. */
enum stray {
	STRAY_RESET = 0,
	STRAY_DROP,
	STRAY_HASH, /* by the flow-hash ring, with an entry */
} __attribute__((packed));

/*
 * The head of one allocation in the rings map, one line: ring and flow-hash ring follow it, each from a line of its own.
 * Laid out aside, then turned on by one store to service.schedule; never changed afterwards but for `turn`.
 */
struct schedule {
	__u64 turn;
	__u32 slots; /* ring slots from line + 1 on; 0: nobody */
	__u32 hash_line; /* first line of the flow-hash ring, counted from the schedule's own */
	__u32 hash_slots;
	__u16 lookahead; /* ring slots that a pick may visit */
	enum start start;
	enum stray stray;
	__u8 zero[40];
};

struct ring_line {
	__u16 servers[SERVERS_PER_LINE];
};

struct service {
	__u32 schedule; /* line in rings; 0: none yet */
	__u32 overflowed; /* second (32 bits) of the last flow that found no slot; 0: never */
};

enum server_flag {
	SERVER_ELIGIBLE = 1, /* resolved and wanted: may get new flows */
	SERVER_REACHABLE = 2, /* has a MAC address: its own flows are forwarded */
	SERVER_REMOVED = 4, /* its entries count as none */
	SERVER_NAT = 8, /* addresses are rewritten; with SERVER_TUNNEL as well: the source too (full NAT) */
	SERVER_TUNNEL = 16, /* packets are wrapped; neither: direct routing */
	SERVER_LOCAL = 32, /* it is this director: no MAC address is needed */
	SERVER_IPV6 = 64, /* its own address is one of IPv6 */
	SERVER_METHOD = SERVER_NAT | SERVER_TUNNEL | SERVER_LOCAL, /* all zero: direct routing, the shortest way */
};

/* Where a server, or a router, is, in one word, so that it changes at one stroke. */
struct server_route {
	__u8 mac[6];
	__u8 interface; /* index in interfaces and egress */
	__u8 flags; /* enum server_flag */
};

struct server {
	union {
		struct server_route route;
		__u64 route_word;
	};
	__u16 service; /* 0: a free index */
	__be16 port; /* 0: the port that the client used */
	__u8 protocol;
	__u8 source; /* full NAT: the first of the sources that serve it */
	__u8 sources; /* and how many they are, one after another */
	__u8 zero;
	struct address address;
};

/* Connections of one server now. */
struct load_counts {
	__u32 inactive;
	__u32 active;
};

/* In one word: moved by atomic adds of differences, whose order does not matter. */
struct load {
	union {
		struct load_counts counts;
		__u64 word;
	};
};

struct interface {
	__u8 mac[6];
	__u16 mtu;
	__u32 ifindex; /* 0: a free index */
	__be32 address; /* what we send from there ourselves; 0: it has none */
	struct address address6; /* all zero: it has none */
};

/* Replies to clients in this network leave by this route. */
struct hop {
	struct address network;
	struct address mask; /* IPv4's has ones in front */
	union {
		struct server_route
			route; /* SERVER_REACHABLE: the router's; else clients are on the link, or the kernel knows */
		__u64 route_word;
	};
};

/* The most exact first. Written aside, then turned on by settings.hops. */
struct hops {
	__u32 count;
	__u32 zero;
	struct hop hops[MAXIMUM_HOPS];
};

/* An address of this director that full NAT sends from. */
struct source {
	struct address address;
};

/* Who has a port of a source. Holds as long as that slot says the same of itself. */
struct port_holder {
	__u32 slot; /* number in wide_connections, and 1; 0: nobody yet */
	__u32 turn; /* counts holders, so that who has read of one does not replace the next by mistake */
};

/* Of source_ports. */
struct source_port {
	union {
		struct port_holder holder;
		__u64 word;
	};
};

/* What the program consults at run time and the controller may change while it runs. */
struct settings {
	__u16 timeouts[STATES]; /* seconds by connection_state; STATE_BUSY: BUSY_SECONDS */
	__u32 blocks; /* how many prefixes and ranges there are: without any, nobody looks for them */
	__u32 hops; /* which pair of `hops` is turned on: its first index; IPv4's, IPv6's comes next */
	__u16 first_port; /* full NAT's ports */
	__u16 ports; /* how many they are */
	__u32 zero;
};

/* Fixed when the maps are made; every later program is loaded with the same. */
struct identity {
	__u32 version; /* ABI_VERSION */
	__u32 lines; /* connection lines, a power of two */
	__u32 wide_lines; /* a power of two */
	__u32 listener_lines; /* a power of two */
	__u32 wide_listener_lines; /* a power of two */
	__u32 zero;
	__u64 seeds[3]; /* of the keyed hash; the second and third are odd */
};

/* Per-CPU counters of services and servers. */
struct traffic {
	__u64 packets; /* from clients */
	__u64 bytes; /* of whole IP packets */
	__u64 connections; /* entries created */
	__u64 reply_packets; /* from NAT servers */
	__u64 reply_bytes;
};

struct outcome_count {
	__u64 packets;
};

#endif
