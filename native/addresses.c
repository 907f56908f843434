// SPDX-License-Identifier: Apache-2.0
// Interfaces by name, and addresses on them, by rtnetlink.
#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include "shim.h"

/* Sends one request and waits for its acknowledgement. */
static int transact(struct mnl_socket *socket, struct nlmsghdr *request)
{
	char answer[MNL_SOCKET_BUFFER_SIZE];
	unsigned int port = mnl_socket_get_portid(socket);
	ssize_t length;

	if (mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		return -errno;
	length = mnl_socket_recvfrom(socket, answer, sizeof(answer));
	if (length < 0)
		return -errno;
	return mnl_cb_run(answer, length, request->nlmsg_seq, port, NULL, NULL) < 0 ? -errno : 0;
}

static int change(__u16 type, __u16 flags, int interface, __be32 address, __u32 prefix)
{
	struct mnl_socket *socket = mnl_socket_open(NETLINK_ROUTE);
	char buffer[256] = {};
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct ifaddrmsg *message;
	int error;

	if (!socket)
		return -errno;
	request->nlmsg_type = type;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	request->nlmsg_seq = time(NULL);
	message = mnl_nlmsg_put_extra_header(request, sizeof(*message));
	message->ifa_family = AF_INET;
	message->ifa_prefixlen = prefix;
	message->ifa_scope = RT_SCOPE_UNIVERSE;
	message->ifa_index = interface;
	mnl_attr_put_u32(request, IFA_LOCAL, address);
	mnl_attr_put_u32(request, IFA_ADDRESS, address);

	error = mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ? -errno : transact(socket, request);
	mnl_socket_close(socket);
	return error;
}

int xlvs_address_add(int interface, __be32 address, __u32 prefix)
{
	return change(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, interface, address, prefix);
}

int xlvs_address_remove(int interface, __be32 address, __u32 prefix)
{
	return change(RTM_DELADDR, 0, interface, address, prefix);
}

static int read_interface(int socket, const char *name, struct xlvs_interface *found)
{
	struct ifreq request = {};

	strncpy(request.ifr_name, name, sizeof(request.ifr_name) - 1);
	if (ioctl(socket, SIOCGIFINDEX, &request))
		return -errno;
	found->index = request.ifr_ifindex;
	if (ioctl(socket, SIOCGIFHWADDR, &request))
		return -errno;
	memcpy(found->mac, request.ifr_hwaddr.sa_data, sizeof(found->mac));
	if (ioctl(socket, SIOCGIFFLAGS, &request))
		return -errno;
	found->up = (request.ifr_flags & IFF_UP) && (request.ifr_flags & IFF_RUNNING);
	return 0;
}

int xlvs_interface_read(const char *name, struct xlvs_interface *found)
{
	int opened = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int error;

	if (opened < 0)
		return -errno;
	memset(found, 0, sizeof(*found));
	error = strlen(name) < IFNAMSIZ ? read_interface(opened, name, found) : -ENODEV;
	close(opened);
	return error;
}
