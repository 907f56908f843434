/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to rtnetlink, each over a socket of its own, and addresses of both families as 16 bytes. */
#ifndef XLVS_NETLINK_H
#define XLVS_NETLINK_H

#include <libmnl/libmnl.h>
#include <linux/types.h>

/* An address's bytes where it is alone, and where it is an IPv4 one mapped into IPv6 (::ffff:0:0/96). */
#define IPV4_BYTES 4
#define IPV6_BYTES 16

/* Sends one request and waits for its acknowledgement. */
int netlink_change(struct nlmsghdr *request);
/*
 * Sends one request for a list and calls `each` with every message of the answer, until that returns MNL_CB_STOP.
 * -EINTR: the list changed meanwhile, so that it may be none that ever was. The kernel reads the request strictly.
 */
int netlink_dump(struct nlmsghdr *request, mnl_cb_t each, void *data);

/* Stores the attributes behind a message's header by their type, those up to `most`. */
void find_attributes(const struct nlmsghdr *message, size_t header, const struct nlattr **found, __u16 most);

/* AF_INET or AF_INET6: the family of a mapped or of any other address. */
int address_family(const __u8 address[IPV6_BYTES]);
/* Where the bytes of an address begin that its family's messages carry. */
const __u8 *address_bytes(const __u8 address[IPV6_BYTES]);
/* The 16 bytes of an address of which there are as many as its family has. */
void put_address(const void *bytes, int family, __u8 address[IPV6_BYTES]);
/* The 16 bytes of an attribute's address; false, if it has another length than those of its family. */
int read_address(const struct nlattr *attribute, int family, __u8 address[IPV6_BYTES]);

#endif
