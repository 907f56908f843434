/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* ICMP's and ICMPv6's headers have the same shape. (<linux/icmp.h> takes the C library along.) */
#ifndef XLVS_ICMP_HEADER_H
#define XLVS_ICMP_HEADER_H

#include <linux/types.h>

struct icmp_header {
	__u8 type;
	__u8 code;
	__be16 checksum;
	__be32 rest; /* the MTU, in "too big": of ICMP's the last 16 bits */
};

/* RFC 792 */
enum {
	ICMP_DEST_UNREACH = 3,
	ICMP_SOURCE_QUENCH = 4,
	ICMP_TIME_EXCEEDED = 11,
	ICMP_PARAMETERPROB = 12,
	ICMP_FRAG_NEEDED = 4, /* code */
};

/* RFC 4443 */
enum {
	ICMPV6_DEST_UNREACH = 1,
	ICMPV6_PKT_TOOBIG = 2,
	ICMPV6_TIME_EXCEED = 3,
	ICMPV6_PARAMPROB = 4,
};

#endif
