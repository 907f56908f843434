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

/* addresses.c */

struct xlvs_interface {
	__u32 index;
	__u8 mac[6];
	__u8 up; /* administratively, and with a carrier */
	__u8 zero;
};

/* What an interface of this name is now. -ENODEV: there is none. */
int xlvs_interface_read(const char *name, struct xlvs_interface *found);

/* Adds an IPv4 address to an interface. -EEXIST: it is there already. */
int xlvs_address_add(int interface, __be32 address, __u32 prefix);
/* -EADDRNOTAVAIL: it is not there. */
int xlvs_address_remove(int interface, __be32 address, __u32 prefix);

/* arp.c */

/* One ARP frame to send: `who has target`, or with target == sender an announcement. */
struct xlvs_arp_ask {
	__be32 sender;
	__be32 target;
	__u8 source[6]; /* the interface's own MAC address */
	__u8 destination[6]; /* all ones: broadcast */
};

/* What one received ARP frame says: `sender` is at `mac`. */
struct xlvs_arp_heard {
	__be32 sender;
	__u8 mac[6];
	__u16 zero;
};

/* A non-blocking packet socket that hears the ARP of one interface; returns its descriptor. */
int xlvs_arp_open(int interface);
/* Sends `count` requests; returns how many the socket took. */
int xlvs_arp_send(int socket, int interface, const struct xlvs_arp_ask *asks, __u32 count);
/* Reads at most `capacity` frames that are waiting; returns how many of them were sound ARP for IPv4 over Ethernet. */
int xlvs_arp_receive(int socket, struct xlvs_arp_heard *heard, __u32 capacity);
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
