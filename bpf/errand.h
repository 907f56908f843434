/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the steps of the long way hand to each other, one packet a processor: a stack of 512 bytes does not hold it. */
#ifndef XLVS_ERRAND_H
#define XLVS_ERRAND_H

#include "maps.h"
#include "packet.h"
#include "slot.h"

/* One side of a packet as it should be. */
struct side {
	struct address address;
	__be16 port;
};

/* Whom a reply is from, as its client knows it, and to. */
struct conversation {
	struct side vip;
	struct side client;
};

/* What the kernel is asked about a reply, and what it says. */
struct asked_way {
	struct address source;
	struct address destination;
	__u32 length;
	__u32 ifindex; /* out */
	__u8 mac_to[6]; /* out */
	__u8 mac_from[6]; /* out */
	__u8 protocol;
	bool is_ipv6;
	__u16 mtu; /* out, of a way that the packet is too long for; else 0 */
};

/* The ICMP error that a packet is answered with. */
struct icmp_answer {
	__u32 mtu; /* 0: time exceeded; else too big for this */
	bool is_ipv6;
};

/* What a quoted packet's sender and receiver were, in the words of whoever the error goes to. */
struct quotation {
	struct side source;
	struct side destination;
};

/* What becomes of an ICMP error's addresses, and of what it quotes. */
struct mending {
	struct quotation quotation;
	struct address source;
	struct address destination;
	bool for_client; /* the way is in `way`, or a route in `flow`; else flow's server */
};

struct errand {
	struct flow flow;
	struct entry entry; /* of a request: what stands no longer, number 0 for none; of a reply: what it belongs to */
	struct conversation conversation;
	struct asked_way way;
	struct icmp_answer answer;
	struct mending mending;
	bool is_full; /* a reply is one of full NAT's */
	__u8 second_tag; /* bytes that it takes of every MTU, for the packet that is on its long way; else 0 */
	bool is_handed_over; /* by the short way, for the packet that begins the long way next */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct errand);
} errands SEC(".maps");

ALWAYS_INLINE struct errand *the_errand(void)
{
	const __u32 only = 0;

	return bpf_map_lookup_elem(&errands, &only);
}

/* What an interface's MTU leaves for the packet: a second VLAN tag is part of it, the first is not. */
ALWAYS_INLINE __u32 without_second_tag(__u32 mtu)
{
	const struct errand *errand = the_errand();

	return errand && mtu > errand->second_tag ? mtu - errand->second_tag : mtu;
}

/* No outcomes: what the next step is. */
#define START_OVER ((enum outcome)(OUTCOMES + 1)) /* nothing was changed; the packet begins again on the long way */
#define ADMIT ((enum outcome)(OUTCOMES + 2)) /* the flow has no entry that stands */
#define ENTER ((enum outcome)(OUTCOMES + 3)) /* it has a server, and wants an entry */
#define MEND ((enum outcome)(OUTCOMES + 5)) /* an ICMP error is rewritten, with what it quotes, and sent */
#define WRAP ((enum outcome)(OUTCOMES + 6)) /* it is wrapped for a tunnel, and sent */
#define SEND ((enum outcome)(OUTCOMES + 7)) /* it is sent as it is */
#define ANSWER ((enum outcome)(OUTCOMES + 4)) /* the packet becomes the ICMP error about itself */

#endif
