// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netlink.h>

#include "netlink.h"

static const __u8 mapped[IPV6_BYTES - IPV4_BYTES] = { [10] = 0xff, [11] = 0xff };

int address_family(const __u8 address[IPV6_BYTES])
{
	return memcmp(address, mapped, sizeof(mapped)) ? AF_INET6 : AF_INET;
}

const __u8 *address_bytes(const __u8 address[IPV6_BYTES])
{
	return address_family(address) == AF_INET ? address + sizeof(mapped) : address;
}

void put_address(const void *bytes, int family, __u8 address[IPV6_BYTES])
{
	size_t length = family == AF_INET ? IPV4_BYTES : IPV6_BYTES;

	memcpy(address, mapped, sizeof(mapped));
	memcpy(address + IPV6_BYTES - length, bytes, length);
}

int read_address(const struct nlattr *attribute, int family, __u8 address[IPV6_BYTES])
{
	if (!attribute || mnl_attr_get_payload_len(attribute) != (family == AF_INET ? IPV4_BYTES : IPV6_BYTES))
		return 0;
	put_address(mnl_attr_get_payload(attribute), family, address);
	return 1;
}

void find_attributes(const struct nlmsghdr *message, size_t header, const struct nlattr **found, __u16 most)
{
	const struct nlattr *attribute;

	mnl_attr_for_each(attribute, message, header)
		if (mnl_attr_get_type(attribute) <= most)
			found[mnl_attr_get_type(attribute)] = attribute;
}

/* A socket that has sent the request. */
static struct mnl_socket *ask(struct nlmsghdr *request, int strictly)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	int error;

	if (!socket)
		return NULL;
	request->nlmsg_seq = 1;
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) == 0 &&
	    mnl_socket_setsockopt(socket, NETLINK_GET_STRICT_CHK, &strictly, sizeof(strictly)) == 0 &&
	    mnl_socket_sendto(socket, request, request->nlmsg_len) >= 0)
		return socket;
	error = errno;
	mnl_socket_close(socket);
	errno = error;
	return NULL;
}

static int answers(struct mnl_socket *socket, mnl_cb_t each, void *data)
{
	__attribute__((aligned(NLMSG_ALIGNTO))) char answer[32768];
	unsigned int port = mnl_socket_get_portid(socket);
	ssize_t length;
	int result;

	do {
		length = mnl_socket_recvfrom(socket, answer, sizeof(answer));
		if (length < 0)
			return -errno;
		result = mnl_cb_run(answer, length, 1, port, each, data);
	} while (result > MNL_CB_STOP);
	return result < 0 ? -errno : 0;
}

static int exchange(struct nlmsghdr *request, int strictly, mnl_cb_t each, void *data)
{
	struct mnl_socket *socket = ask(request, strictly);
	int error;

	if (!socket)
		return -errno;
	error = answers(socket, each, data);
	mnl_socket_close(socket);
	return error;
}

int netlink_change(struct nlmsghdr *request)
{
	request->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	return exchange(request, 0, NULL, NULL);
}

int netlink_dump(struct nlmsghdr *request, mnl_cb_t each, void *data)
{
	request->nlmsg_flags |= NLM_F_REQUEST | NLM_F_DUMP;
	return exchange(request, 1, each, data);
}
