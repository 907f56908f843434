/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the controller calls through FFI beside libbpf itself. Every function returns 0 (or a count, or a file
 * descriptor) and a negative errno on failure; none prints, none keeps a pointer after it returns.
 * Addresses and ports are in network order, interface indices are those of the caller's network namespace.
 */
#ifndef XLVS_SHIM_H
#define XLVS_SHIM_H

#include <linux/types.h>

/* maps.c */

/* Maps `length` bytes of an mmapable array and stores where in *memory; it stays mapped until the process ends. */
int xlvs_map_memory(int map, __u64 length, __u64 *memory);
/* Puts `count` pairs into a hash map, by one call where the kernel can. */
int xlvs_map_update(int map, const void *keys, const void *values, __u32 key_size, __u32 value_size, __u32 count);
/* Deletes `count` keys of a hash map; one that is not there is no error. */
int xlvs_map_delete(int map, const void *keys, __u32 key_size, __u32 count);
/* Reads a whole hash map into buffers that hold `capacity` (at least max_entries) pairs; returns how many there are. */
int xlvs_map_entries(int map, void *keys, void *values, __u32 capacity);
/* Sums elements [first, first + count) of a per-CPU array, each `words` u64s a CPU, into sums[count][words]. */
int xlvs_percpu_sums(int map, __u32 first, __u32 count, __u32 words, __u64 *sums);
/* Sets `count` elements of a per-CPU array of `words` u64s to zero on every CPU. */
int xlvs_percpu_clear(int map, const __u32 *indices, __u32 count, __u32 words);

/* links.c */

enum xlvs_mode {
	XLVS_NATIVE = 1,
	XLVS_GENERIC = 2,
};

/* The XDP program that an interface carries; program 0: none. */
struct xlvs_carried {
	__u32 program; /* its id */
	__u32 mode; /* enum xlvs_mode */
};

/* Where a link leads; interface 0: its interface is gone. */
struct xlvs_link {
	__u32 interface;
	__u32 program;
};

/* Attaches a program to an interface; returns the link's descriptor. -EBUSY: another program is there. */
int xlvs_link_create(int program, int interface, __u32 mode);
/* Puts another program on a live link, between two packets. */
int xlvs_link_update(int link, int program);
/* Takes the program off the interface before it returns; closing or unpinning the last reference does so some time later. */
int xlvs_link_detach(int link);
int xlvs_link_read(int link, struct xlvs_link *found);
int xlvs_interface_program(int interface, struct xlvs_carried *found);

/* indices.c */

struct connection_line;
struct wide_line;

/* Sets the bits of every listener and server index that a slot of either table names, in bitmaps of 65,536 bits. */
void xlvs_indices_named(const struct connection_line *lines, __u32 line_count, const struct wide_line *wide_lines,
			__u32 wide_line_count, __u8 *listeners, __u8 *servers);

/*
 * An address without another type is 16 bytes: IPv6, or IPv4 mapped into it (::ffff:0:0/96). What follows lists as many
 * entries as there is room for: as many as the capacity may mean that there are more.
 */

/* interfaces.c */

struct xlvs_interface {
	__u32 index;
	__u8 mac[6];
	__u8 up; /* administratively, and with a carrier */
	__u8 zero;
};

/* What an interface of this name is now. -ENODEV: there is none. */
int xlvs_interface_read(const char *name, struct xlvs_interface *found);

/* One of all interfaces. */
struct xlvs_device {
	__u32 index;
	__u32 mtu;
	__u8 mac[6]; /* zero where it is none of Ethernet's */
	__u8 up;
	__u8 zero;
	__u8 name[16]; /* zero-terminated */
};

int xlvs_devices_read(struct xlvs_device *devices, __u32 capacity);

/* addresses.c */

/* Adds an address to an interface; an IPv6 one has the manners of a VIP. -EEXIST: it is there already. */
int xlvs_address_add(int interface, const __u8 *address, __u32 prefix);
/* -EADDRNOTAVAIL: it is not there. */
int xlvs_address_remove(int interface, const __u8 *address, __u32 prefix);

/* An address of an interface. */
struct xlvs_address {
	__u8 address[16];
	__u32 interface;
	__u8 prefix; /* in bits of its own family */
	__u8 tentative; /* not known to be nobody else's, or known not to be */
	__u8 deprecated; /* not to be chosen as a source */
	__u8 zero;
};

int xlvs_addresses_read(struct xlvs_address *addresses, __u32 capacity);

/* routes.c */

enum xlvs_route_kind {
	XLVS_ROUTE_OTHER,
	XLVS_ROUTE_UNICAST,
	XLVS_ROUTE_LOCAL,
	XLVS_ROUTE_BLACKHOLE,
	XLVS_ROUTE_UNREACHABLE,
	XLVS_ROUTE_PROHIBIT,
	XLVS_ROUTE_THROW, /* the next table is asked */
} __attribute__((packed));

struct xlvs_route {
	__u8 network[16];
	__u8 gateway[16]; /* all zero: on the link; of an IPv4 route it may be IPv6 */
	__u8 source[16]; /* preferred by it; all zero: none */
	__u32 interface; /* 0: the route does not say (a nexthop object, and net.ipv4.nexthop_compat_mode is off) */
	__u32 metric;
	__u8 prefix; /* in bits of its own family */
	enum xlvs_route_kind kind;
	__u8 table; /* 255 local, 254 main, 253 default: the order in which the kernel asks them */
	__u8 zero;
};

/* The networks of one family in these three tables; hosts of the local table are interfaces' addresses, and left out. */
int xlvs_routes_read(int ipv6, struct xlvs_route *routes, __u32 capacity);
/* How many rules of policy routing there are beyond those that every machine has. */
int xlvs_rules_read(int ipv6);

/* packet_socket.c, arp.c, nd.c */

/* One frame to send: `who has target`, or with target == sender an announcement. */
struct xlvs_ask {
	__u8 sender[16];
	__u8 target[16];
	__u8 source[6]; /* the interface's own MAC address */
	__u8 destination[6]; /* all zero: whom it concerns */
	__u8 router; /* ND: the announcement is that of a router */
	__u8 zero[3];
};

/* What one received frame says: `sender` is at `mac`. */
struct xlvs_heard {
	__u8 sender[16];
	__u8 mac[6]; /* all zero: ND's answer to a question that this MAC address was asked, which needs not repeat it */
	__u8 overrides; /* counts for more than what is known; always in ARP */
	__u8 zero;
};

/* A non-blocking packet socket that hears the ARP, or the neighbour discovery, of one interface; returns its descriptor. */
int xlvs_arp_open(int interface);
int xlvs_nd_open(int interface);
/* Sends `count` frames; returns how many the socket took. */
int xlvs_arp_send(int socket, int interface, const struct xlvs_ask *asks, __u32 count);
int xlvs_nd_send(int socket, int interface, const struct xlvs_ask *asks, __u32 count);
/* Reads at most `capacity` frames that are waiting; returns how many of them were sound. */
int xlvs_arp_receive(int socket, struct xlvs_heard *heard, __u32 capacity);
int xlvs_nd_receive(int socket, struct xlvs_heard *heard, __u32 capacity);
int xlvs_close(int descriptor);

/* program.c */

/*
 * BPF_PROG_RUN, once: gives the program `in` and stores what it left in `out`, its length and the program's verdict.
 * `interface` is where the packet seems to come from; 0: the loopback device.
 */
int xlvs_prog_run(int program, const void *in, __u32 in_len, void *out, __u32 out_cap, __u32 *out_len, __u32 *retval,
		  __u32 interface);

struct bpf_object;

/* Sets a constant (const volatile in .rodata) of an object that is open and not yet loaded. -ENOENT: it has no such one. */
int xlvs_constant_set(struct bpf_object *object, const char *name, const void *value, __u32 size);

/* process.c */

/* Returns once every packet that was in a program when it was called has left it (an RCU grace period). */
int xlvs_grace(void);
/* Takes the advisory lock of an open file or directory. -EWOULDBLOCK: somebody has it. */
int xlvs_lock(int descriptor);
/* Mounts a BPF file system. */
int xlvs_mount_bpf(const char *path);
/* From now on libbpf's warnings are kept here and not printed. */
void xlvs_log_capture(void);
/* Copies what was kept into `text`, zero-terminated, and forgets it; returns its length. */
int xlvs_log_take(char *text, __u32 capacity);

#endif
