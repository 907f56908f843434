// SPDX-License-Identifier: Apache-2.0
// The kernel's routes, as far as they concern hosts, and whether rules of policy routing choose among them.
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>

#include "netlink.h"
#include "shim.h"

struct route_list {
	struct xlvs_route *routes;
	__u32 count;
	__u32 capacity;
	__u32 more; /* there are routes beyond the capacity */
	__u32 table;
};

static enum xlvs_route_kind kind_of(__u8 type)
{
	switch (type) {
	case RTN_UNICAST:
		return XLVS_ROUTE_UNICAST;
	case RTN_LOCAL:
		return XLVS_ROUTE_LOCAL;
	case RTN_BLACKHOLE:
		return XLVS_ROUTE_BLACKHOLE;
	case RTN_UNREACHABLE:
		return XLVS_ROUTE_UNREACHABLE;
	case RTN_PROHIBIT:
		return XLVS_ROUTE_PROHIBIT;
	case RTN_THROW:
		return XLVS_ROUTE_THROW;
	default:
		return XLVS_ROUTE_OTHER;
	}
}

/* An IPv4 route may have an IPv6 gateway (RFC 5549): then it is in RTA_VIA, with its family. */
static void read_gateway(const struct nlattr *const *has, int family, __u8 gateway[IPV6_BYTES])
{
	const struct rtvia *via;

	if (read_address(has[RTA_GATEWAY], family, gateway) || !has[RTA_VIA])
		return;
	via = mnl_attr_get_payload(has[RTA_VIA]);
	if (mnl_attr_get_payload_len(has[RTA_VIA]) == sizeof(*via) + IPV6_BYTES && via->rtvia_family == AF_INET6)
		memcpy(gateway, via->rtvia_addr, IPV6_BYTES);
}

static void find_hop_attributes(const struct rtnexthop *hop, const struct nlattr **found)
{
	const char *end = (const char *)hop + hop->rtnh_len;
	const struct nlattr *attribute = (const struct nlattr *)RTNH_DATA(hop);

	for (; mnl_attr_ok(attribute, end - (const char *)attribute); attribute = mnl_attr_next(attribute))
		if (mnl_attr_get_type(attribute) <= RTA_MAX)
			found[mnl_attr_get_type(attribute)] = attribute;
}

/* The first of several next hops whose link is up, or else the first that there is. */
static void read_first_hop(const struct nlattr *hops, int family, struct xlvs_route *route)
{
	const struct rtnexthop *hop = mnl_attr_get_payload(hops), *chosen = NULL;
	const struct nlattr *has[RTA_MAX + 1] = {};
	int left = mnl_attr_get_payload_len(hops);

	for (; RTNH_OK(hop, left); left -= RTNH_ALIGN(hop->rtnh_len), hop = RTNH_NEXT(hop)) {
		if (hop->rtnh_flags & RTNH_F_DEAD)
			continue;
		if (!chosen || (chosen->rtnh_flags & RTNH_F_LINKDOWN && !(hop->rtnh_flags & RTNH_F_LINKDOWN)))
			chosen = hop;
	}
	if (!chosen)
		return;
	find_hop_attributes(chosen, has);
	route->interface = chosen->rtnh_ifindex;
	read_gateway(has, family, route->gateway);
}

/* Hosts of the local table are interfaces' addresses, which are read elsewhere; what is left are whole networks. */
static int matters(const struct rtmsg *message, const struct route_list *list)
{
	__u8 host = message->rtm_family == AF_INET ? 32 : 128;

	if (message->rtm_tos || message->rtm_src_len || message->rtm_flags & (RTM_F_CLONED | RTNH_F_DEAD))
		return 0;
	return list->table == RT_TABLE_LOCAL ? message->rtm_type == RTN_LOCAL && message->rtm_dst_len < host :
					       kind_of(message->rtm_type) != XLVS_ROUTE_OTHER;
}

/* What the default route is for: it names no network. */
static const __u8 everywhere[IPV6_BYTES];

static void read_route(const struct nlmsghdr *answer, struct xlvs_route *route)
{
	const struct rtmsg *message = mnl_nlmsg_get_payload(answer);
	const struct nlattr *has[RTA_MAX + 1] = {};

	find_attributes(answer, sizeof(*message), has, RTA_MAX);
	memset(route, 0, sizeof(*route));
	route->kind = kind_of(message->rtm_type);
	route->prefix = message->rtm_dst_len;
	if (!read_address(has[RTA_DST], message->rtm_family, route->network))
		put_address(everywhere, message->rtm_family, route->network);
	read_address(has[RTA_PREFSRC], message->rtm_family, route->source);
	read_gateway(has, message->rtm_family, route->gateway);
	if (has[RTA_OIF])
		route->interface = mnl_attr_get_u32(has[RTA_OIF]);
	if (has[RTA_PRIORITY])
		route->metric = mnl_attr_get_u32(has[RTA_PRIORITY]);
	if (has[RTA_MULTIPATH])
		read_first_hop(has[RTA_MULTIPATH], message->rtm_family, route);
}

static int list_route(const struct nlmsghdr *answer, void *data)
{
	const struct rtmsg *message = mnl_nlmsg_get_payload(answer);
	struct route_list *list = data;

	if (!matters(message, list))
		return MNL_CB_OK;
	if (list->count == list->capacity) {
		list->more = 1;
		return MNL_CB_STOP;
	}
	read_route(answer, &list->routes[list->count]);
	list->routes[list->count].table = list->table;
	list->count++;
	return MNL_CB_OK;
}

static int list_table(int family, __u32 table, struct route_list *list)
{
	char buffer[64] = {};
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct rtmsg *message = mnl_nlmsg_put_extra_header(request, sizeof(*message));
	int error;

	request->nlmsg_type = RTM_GETROUTE;
	message->rtm_family = family;
	message->rtm_table = table;
	message->rtm_type = table == RT_TABLE_LOCAL ? RTN_LOCAL : RTN_UNSPEC;
	list->table = table;
	error = netlink_dump(request, list_route, list);
	return error == -ENOENT ? 0 : error; /* a table without routes may not exist */
}

int xlvs_routes_read(int ipv6, struct xlvs_route *routes, __u32 capacity)
{
	/* In the order in which the kernel asks them. */
	static const __u32 tables[] = { RT_TABLE_LOCAL, RT_TABLE_MAIN, RT_TABLE_DEFAULT };
	struct route_list list = { .routes = routes, .capacity = capacity };
	int error = 0;

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]) && !error && !list.more; i++)
		error = list_table(ipv6 ? AF_INET6 : AF_INET, tables[i], &list);
	return error ? error : (int)list.count;
}

/* The rules that every machine has: first the local table, then main, then default, for every packet. */
static int is_usual(const struct fib_rule_hdr *rule, const struct nlattr *const *has)
{
	__u32 table = has[FRA_TABLE] ? mnl_attr_get_u32(has[FRA_TABLE]) : rule->table;
	__u32 priority = has[FRA_PRIORITY] ? mnl_attr_get_u32(has[FRA_PRIORITY]) : 0;

	for (__u16 type = 0; type <= FRA_MAX; type++)
		if (has[type] && type != FRA_TABLE && type != FRA_PRIORITY && type != FRA_PROTOCOL &&
		    type != FRA_SUPPRESS_PREFIXLEN)
			return 0;
	if (has[FRA_SUPPRESS_PREFIXLEN] && mnl_attr_get_u32(has[FRA_SUPPRESS_PREFIXLEN]) != 0xffffffff)
		return 0;
	if (rule->action != FR_ACT_TO_TBL || rule->dst_len || rule->src_len || rule->tos ||
	    rule->flags & FIB_RULE_INVERT)
		return 0;
	return (table == RT_TABLE_LOCAL && priority == 0) || (table == RT_TABLE_MAIN && priority == 32766) ||
	       (table == RT_TABLE_DEFAULT && priority == 32767);
}

static int count_rule(const struct nlmsghdr *answer, void *data)
{
	const struct fib_rule_hdr *rule = mnl_nlmsg_get_payload(answer);
	const struct nlattr *has[FRA_MAX + 1] = {};
	int *unusual = data;

	find_attributes(answer, sizeof(*rule), has, FRA_MAX);
	if (!is_usual(rule, has))
		++*unusual;
	return MNL_CB_OK;
}

int xlvs_rules_read(int ipv6)
{
	char buffer[64] = {};
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct fib_rule_hdr *rule = mnl_nlmsg_put_extra_header(request, sizeof(*rule));
	int unusual = 0, error;

	request->nlmsg_type = RTM_GETRULE;
	rule->family = ipv6 ? AF_INET6 : AF_INET;
	error = netlink_dump(request, count_rule, &unusual);
	return error == -EOPNOTSUPP ? 0 : error ? error : unusual;
}
