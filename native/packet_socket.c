// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include "packet_socket.h"

static struct sockaddr_ll endpoint(int interface, __u16 protocol)
{
	return (struct sockaddr_ll){
		.sll_family = AF_PACKET,
		.sll_protocol = htons(protocol),
		.sll_ifindex = interface,
		.sll_halen = ETH_ALEN,
	};
}

int packet_socket_open(int interface, __u16 protocol, const struct sock_fprog *filter)
{
	struct sockaddr_ll where = endpoint(interface, protocol);
	/* Protocol 0 hears nothing until bind names the interface, so that no frame of another one, or unfiltered, is queued. */
	int opened = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error;

	if (opened < 0)
		return -errno;
	if (setsockopt(opened, SOL_SOCKET, SO_ATTACH_FILTER, filter, sizeof(*filter)) == 0 &&
	    bind(opened, (struct sockaddr *)&where, sizeof(where)) == 0)
		return opened;
	error = -errno;
	close(opened);
	return error;
}

int packet_socket_send(int socket, int interface, __u16 protocol, const struct xlvs_ask *asks, __u32 count,
		       frame_writer *write)
{
	struct sockaddr_ll where = endpoint(interface, protocol);
	__u8 frame[LONGEST_SENT];

	for (__u32 i = 0; i < count; i++) {
		size_t length = write(frame, &asks[i]);

		memcpy(where.sll_addr, frame, ETH_ALEN);
		if (sendto(socket, frame, length, MSG_DONTWAIT, (struct sockaddr *)&where, sizeof(where)) < 0)
			return i > 0 ? (int)i : -errno;
	}
	return count;
}

int packet_socket_receive(int socket, struct xlvs_heard *heard, __u32 capacity, frame_reader *read)
{
	__u8 frame[LONGEST_READ];
	__u32 frames, count = 0;
	ssize_t length;

	for (frames = 0; frames < capacity; frames++) {
		length = recv(socket, frame, sizeof(frame), MSG_DONTWAIT | MSG_TRUNC);
		if (length < 0 && errno != EAGAIN && errno != EINTR && count == 0)
			return -errno;
		if (length < 0)
			break;
		memset(&heard[count], 0, sizeof(heard[count]));
		if (read(frame, length, &heard[count]))
			count++;
	}
	return count;
}

int is_station(const __u8 mac[ETH_ALEN])
{
	return !(mac[0] & 1) && memcmp(mac, "\0\0\0\0\0\0", ETH_ALEN) != 0;
}

int xlvs_close(int descriptor)
{
	return close(descriptor) ? -errno : 0;
}
