// SPDX-License-Identifier: Apache-2.0
// Interfaces by name, and all of them.
#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/rtnetlink.h>

#include "netlink.h"
#include "shim.h"

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

struct device_list {
	struct xlvs_device *devices;
	__u32 count;
	__u32 capacity;
};

static int read_attribute(const struct nlattr *attribute, void *data)
{
	struct xlvs_device *device = data;

	switch (mnl_attr_get_type(attribute)) {
	case IFLA_IFNAME:
		strncpy((char *)device->name, mnl_attr_get_str(attribute), sizeof(device->name) - 1);
		break;
	case IFLA_MTU:
		device->mtu = mnl_attr_get_u32(attribute);
		break;
	case IFLA_ADDRESS:
		if (mnl_attr_get_payload_len(attribute) == sizeof(device->mac))
			memcpy(device->mac, mnl_attr_get_payload(attribute), sizeof(device->mac));
		break;
	}
	return MNL_CB_OK;
}

static int list_device(const struct nlmsghdr *answer, void *data)
{
	const struct ifinfomsg *message = mnl_nlmsg_get_payload(answer);
	struct device_list *list = data;
	struct xlvs_device *device = &list->devices[list->count];

	if (list->count == list->capacity)
		return MNL_CB_STOP;
	memset(device, 0, sizeof(*device));
	device->index = message->ifi_index;
	device->up = (message->ifi_flags & IFF_UP) && (message->ifi_flags & IFF_RUNNING);
	mnl_attr_parse(answer, sizeof(*message), read_attribute, device);
	list->count++;
	return MNL_CB_OK;
}

int xlvs_devices_read(struct xlvs_device *devices, __u32 capacity)
{
	struct device_list list = { .devices = devices, .capacity = capacity };
	char buffer[64] = {};
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	int error;

	mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
	mnl_attr_put_u32(request, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	request->nlmsg_type = RTM_GETLINK;
	error = netlink_dump(request, list_device, &list);
	return error ? error : (int)list.count;
}
