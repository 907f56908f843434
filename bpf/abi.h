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
	ABI_VERSION = 1,
	SLOTS_PER_LINE = 4, /* connection or listener slots in a 64-byte line */
	LISTENER_LINES_PER_LISTENER = 2, /* so that two candidate lines are never full in practice */
	SERVERS_PER_LINE = 32, /* ring slots in a 64-byte line */
	MAXIMUM_INTERFACES = 64,
	MAXIMUM_LOOKAHEAD = 1024,
	MAXIMUM_TIMEOUT_SECONDS = 57600, /* last seen is a 16-bit second: 16 hours leave room to see the age */
	BUSY_SECONDS = 2, /* a slot that was claimed longer ago is free again */
	STATES = 16, /* room in settings.timeouts */
	NO_INDEX = 0, /* listeners, services and servers count from 1 */
};

/* What became of a packet. Three groups, one XDP action each: see outcome.h. */
enum outcome {
	CONTINUE = 0, /* no outcome yet; never leaves the program */

	/* passed to the kernel */
	NOT_IPV4, /* ARP, IPv6, VLAN tags, anything else */
	NOT_UNICAST, /* a broadcast or multicast frame */
	NOT_OURS, /* no listener at this address, port and protocol */
	BROKEN_IP_HEADER, /* the kernel counts and discards it */

	/* sent out, by XDP_TX on the interface it came from or redirected to another */
	FORWARDED, /* by its connection entry, back out of the same interface */
	REDIRECTED, /* by its connection entry, out of another interface */
	HASHED, /* by the flow-hash ring, without an entry, out of the same interface */
	HASH_REDIRECTED, /* the same, out of another interface */
	RESET_SENT, /* stray TCP answered with RST */

	/* dropped */
	MALFORMED, /* for a listener of ours, but its TCP or UDP header is not to be trusted */
	FRAGMENT, /* for a VIP of ours, and no first fragment claims it */
	STRAY, /* TCP without entry and SYN, where the service says drop; a RST, or what no host sent, that belongs to nothing */
	NO_REAL_SERVER, /* nobody eligible in the ring */
	SERVER_UNRESOLVED, /* the connection's server has no MAC address now */
	NO_EGRESS, /* the server's interface has no entry in the device map */
	NOT_CONFIGURED, /* a listener whose service has no schedule: an apply died between two writes */

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

/* One 64-bit word; address 0 has no listener, so all zero is an empty slot. */
struct listener_key {
	__be32 address;
	__be16 port;
	__u8 protocol;
	__u8 zero;
};

/* One 64-bit word too. */
struct listener {
	__u16 index; /* what connection slots name; not reused while one of them does */
	__u16 service;
	__u32 zero;
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

/* Key of the vips map: a VIP and a protocol that has listeners there, for packets without readable ports. */
struct vip_key {
	__be32 address;
	__u8 protocol;
	__u8 zero[3];
};

/* Where a flow's turn in the ring comes from. */
enum start {
	START_COUNTER = 0, /* the schedule's turn, one tick a pick */
} __attribute__((packed));

/* What to do with TCP that has neither entry nor SYN. */
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
};

/* Where a server is, in one word, so that it changes at one stroke. */
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
	/* identity, for whoever adopts the map; the program does not read it */
	__be32 address;
	__be16 port;
	__u16 service; /* 0: a free index */
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
	__u16 zero;
	__u32 ifindex; /* 0: a free index */
};

/* What the program consults at run time and the controller may change while it runs. */
struct settings {
	__u16 timeouts[STATES]; /* seconds by connection_state; STATE_BUSY: BUSY_SECONDS */
};

/* Fixed when the maps are made; every later program is loaded with the same. */
struct identity {
	__u32 version; /* ABI_VERSION */
	__u32 lines; /* connection lines, a power of two */
	__u32 listener_lines; /* a power of two */
	__u32 zero;
	__u64 seeds[3]; /* of the keyed hash; the second and third are odd */
};

/* Per-CPU counters of services and servers. */
struct traffic {
	__u64 packets;
	__u64 bytes; /* IPv4 total length */
	__u64 connections; /* entries created */
};

struct outcome_count {
	__u64 packets;
};

#endif
