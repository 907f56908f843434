// SPDX-License-Identifier: Apache-2.0
// Addresses on interfaces, by rtnetlink.
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include "netlink.h"
#include "shim.h"

/* A message about one address, without what only some of them say. */
static struct nlmsghdr *message_about(char *buffer, int interface, const __u8 *address, __u32 prefix)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct ifaddrmsg *message = mnl_nlmsg_put_extra_header(request, sizeof(*message));
	const __u8 *bytes = address_bytes(address);
	size_t length = address + IPV6_BYTES - bytes;

	message->ifa_family = address_family(address);
	message->ifa_prefixlen = prefix;
	message->ifa_scope = RT_SCOPE_UNIVERSE;
	message->ifa_index = interface;
	mnl_attr_put(request, IFA_LOCAL, length, bytes);
	mnl_attr_put(request, IFA_ADDRESS, length, bytes);
	return request;
}

/*
 * Duplicate address detection would leave a VIP unanswered for a second or more. Deprecated (RFC 4862, section 5.5.4) it is
 * not chosen as the source of what the director itself sends; it needs no route, for it is a host's and local.
 */
static void put_vip_manners(struct nlmsghdr *request)
{
	struct ifa_cacheinfo lifetime = { .ifa_prefered = 0, .ifa_valid = 0xffffffff };

	mnl_attr_put_u32(request, IFA_FLAGS, IFA_F_NODAD | IFA_F_NOPREFIXROUTE);
	mnl_attr_put(request, IFA_CACHEINFO, sizeof(lifetime), &lifetime);
}

int xlvs_address_add(int interface, const __u8 *address, __u32 prefix)
{
	char buffer[256] = {};
	struct nlmsghdr *request = message_about(buffer, interface, address, prefix);

	request->nlmsg_type = RTM_NEWADDR;
	request->nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
	if (address_family(address) == AF_INET6)
		put_vip_manners(request);
	return netlink_change(request);
}

int xlvs_address_remove(int interface, const __u8 *address, __u32 prefix)
{
	char buffer[256] = {};
	struct nlmsghdr *request = message_about(buffer, interface, address, prefix);

	request->nlmsg_type = RTM_DELADDR;
	return netlink_change(request);
}

struct address_list {
	struct xlvs_address *addresses;
	__u32 count;
	__u32 capacity;
};

static int list_address(const struct nlmsghdr *answer, void *data)
{
	const struct ifaddrmsg *message = mnl_nlmsg_get_payload(answer);
	const struct nlattr *has[IFA_MAX + 1] = {};
	struct address_list *list = data;
	struct xlvs_address found = { .interface = message->ifa_index, .prefix = message->ifa_prefixlen };
	__u32 flags;

	if (list->count == list->capacity)
		return MNL_CB_STOP;
	find_attributes(answer, sizeof(*message), has, IFA_MAX);
	/* IFA_ADDRESS is the other end's where there are two. */
	if (!read_address(has[IFA_LOCAL] ? has[IFA_LOCAL] : has[IFA_ADDRESS], message->ifa_family, found.address))
		return MNL_CB_OK;
	flags = has[IFA_FLAGS] ? mnl_attr_get_u32(has[IFA_FLAGS]) : message->ifa_flags;
	found.tentative = (flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) && !(flags & IFA_F_OPTIMISTIC);
	found.deprecated = !!(flags & IFA_F_DEPRECATED);
	list->addresses[list->count++] = found;
	return MNL_CB_OK;
}

int xlvs_addresses_read(struct xlvs_address *addresses, __u32 capacity)
{
	struct address_list list = { .addresses = addresses, .capacity = capacity };
	char buffer[64] = {};
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	int error;

	mnl_nlmsg_put_extra_header(request, sizeof(struct ifaddrmsg));
	request->nlmsg_type = RTM_GETADDR;
	error = netlink_dump(request, list_address, &list);
	return error ? error : (int)list.count;
}
