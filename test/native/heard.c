// SPDX-License-Identifier: Apache-2.0
// What native/ makes of the ARP and the neighbour discovery that comes from outside, under the sanitizers.
#include "../../native/shim.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "expect.h"

typedef int receiver(int socket, struct xlvs_heard *heard, __u32 capacity);

/* An ARP reply: 10.0.0.11 is at 02:00:00:00:00:11. */
static const unsigned char reply[42] = {
	0x02, 0, 0, 0, 0, 2, 0x02, 0,  0, 0, 0,	 0x11, 0x08, 0x06, 0, 1, 0x08, 0,  6, 4, 0,
	2,    2, 0, 0, 0, 0, 0x11, 10, 0, 0, 11, 0x02, 0,    0,	   0, 0, 2,    10, 0, 0, 2,
};

/* An answer to 2001:db8::2: 2001:db8::11 is at 02:00:00:00:00:11. The checksum is another implementation's. */
static const unsigned char advertisement[86] = {
	0x02, 0x00, 0x00, 0x00, 0x00, 0x02, 0x02, 0x00, 0x00, 0x00, 0x00, 0x11, 0x86, 0xdd, /* Ethernet */
	0x60, 0x00, 0x00, 0x00, 0x00, 0x20, 0x3a, 0xff, /* 32 bytes of ICMPv6, hop limit 255 */
	0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x11, /* source */
	0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x02, /* destination */
	0x88, 0x00, 0x8a, 0x43, 0x60, 0x00, 0x00, 0x00, /* solicited, override */
	0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x11, /* target */
	0x02, 0x01, 0x02, 0x00, 0x00, 0x00, 0x00, 0x11, /* the target's link-layer address */
};

enum {
	PAYLOAD_LENGTH = 18,
	NEXT_HEADER = 20,
	HOPS = 21,
	SOURCE = 22,
	DESTINATION = 38,
	TYPE = 54,
	CODE = 55,
	CHECKSUM = 56,
	FLAGS = 58,
	TARGET = 62,
	OPTION = 78,
};

/* How many answers are heard when `frame` has come. */
static int hear(receiver *receive, const void *frame, size_t length, struct xlvs_heard *heard, __u32 capacity)
{
	int ends[2], count;

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) || send(ends[0], frame, length, 0) < 0)
		abort();
	count = receive(ends[1], heard, capacity);
	close(ends[0]);
	close(ends[1]);
	return count;
}

static void an_arp_reply_is_heard(void)
{
	static const unsigned char sender[16] = { [10] = 0xff, 0xff, 10, 0, 0, 11 };
	struct xlvs_heard heard = {};

	EXPECT(hear(xlvs_arp_receive, reply, sizeof(reply), &heard, 1) == 1);
	EXPECT(memcmp(heard.sender, sender, 16) == 0);
	EXPECT(memcmp(heard.mac, reply + 22, 6) == 0);
	EXPECT(heard.overrides == 1);
}

static void an_arp_frame_of_any_length_is_taken(void)
{
	struct xlvs_heard heard[2];
	char padded[3000] = {};

	memcpy(padded, reply, sizeof(reply));
	for (size_t length = 1; length < sizeof(padded); length++)
		EXPECT(hear(xlvs_arp_receive, padded, length, heard, 2) == (length >= sizeof(reply)));
}

/* Byte and value that make the reply one to distrust. */
static const struct {
	int at;
	unsigned char value;
} lies[] = {
	{ 15, 6 }, /* not Ethernet */
	{ 16, 0x86 }, /* not IPv4 */
	{ 18, 8 }, /* a hardware address of eight bytes */
	{ 19, 16 }, /* a protocol address of sixteen */
	{ 22, 3 }, /* a multicast MAC address */
};

static void what_is_no_arp_for_ipv4_over_ethernet_is_not_heard(void)
{
	struct xlvs_heard heard;
	unsigned char frame[sizeof(reply)];

	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		memcpy(frame, reply, sizeof(frame));
		frame[lies[i].at] = lies[i].value;
		EXPECT(hear(xlvs_arp_receive, frame, sizeof(frame), &heard, 1) == 0);
	}
	memcpy(frame, reply, sizeof(frame));
	memset(frame + 22, 0, 6);
	EXPECT(hear(xlvs_arp_receive, frame, sizeof(frame), &heard, 1) == 0);
	memcpy(frame, reply, sizeof(frame));
	memset(frame + 28, 0, 4);
	EXPECT(hear(xlvs_arp_receive, frame, sizeof(frame), &heard, 1) == 0);
}

static void write_checksum(unsigned char *frame)
{
	unsigned length = frame[PAYLOAD_LENGTH] << 8 | frame[PAYLOAD_LENGTH + 1], sum = length + 58;

	memset(frame + CHECKSUM, 0, 2);
	for (unsigned i = SOURCE; i < TYPE + length; i++)
		sum += i % 2 ? frame[i] : frame[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	frame[CHECKSUM] = ~sum >> 8;
	frame[CHECKSUM + 1] = ~sum;
}

static int hear_nd(unsigned char *frame, size_t length, struct xlvs_heard *heard)
{
	write_checksum(frame);
	return hear(xlvs_nd_receive, frame, length, heard, 1);
}

static void an_advertisement_is_heard(void)
{
	struct xlvs_heard heard = {};
	unsigned char frame[sizeof(advertisement)];

	EXPECT(hear(xlvs_nd_receive, advertisement, sizeof(advertisement), &heard, 1) == 1);
	EXPECT(memcmp(heard.sender, advertisement + TARGET, 16) == 0);
	EXPECT(memcmp(heard.mac, advertisement + OPTION + 2, 6) == 0);
	EXPECT(heard.overrides == 1);
	memcpy(frame, advertisement, sizeof(frame));
	frame[FLAGS] = 0x40;
	EXPECT(hear_nd(frame, sizeof(frame), &heard) == 1 && heard.overrides == 0);
}

static void an_answer_need_not_repeat_the_mac_address(void)
{
	struct xlvs_heard heard = {};
	unsigned char frame[sizeof(advertisement)];

	memcpy(frame, advertisement, sizeof(frame));
	frame[PAYLOAD_LENGTH + 1] = 24;
	EXPECT(hear_nd(frame, OPTION, &heard) == 1);
	EXPECT(memcmp(heard.mac, "\0\0\0\0\0\0", 6) == 0);
	frame[FLAGS] = 0x20; /* nobody has asked */
	EXPECT(hear_nd(frame, OPTION, &heard) == 0);
}

static void who_solicits_says_where_it_is(void)
{
	struct xlvs_heard heard = {};
	unsigned char frame[sizeof(advertisement)];

	memcpy(frame, advertisement, sizeof(frame));
	frame[TYPE] = 135;
	frame[FLAGS] = 0;
	frame[OPTION] = 1;
	frame[TARGET + 15] = 2;
	EXPECT(hear_nd(frame, sizeof(frame), &heard) == 1);
	EXPECT(memcmp(heard.sender, frame + SOURCE, 16) == 0 && heard.overrides == 1);
	frame[OPTION] = 2; /* the wrong option */
	EXPECT(hear_nd(frame, sizeof(frame), &heard) == 0);
	frame[OPTION] = 1;
	memset(frame + SOURCE, 0, 16); /* whether somebody has the address: duplicate address detection */
	EXPECT(hear_nd(frame, sizeof(frame), &heard) == 0);
}

/* RFC 4861, section 7.1: byte and value that make the advertisement one to discard, its checksum right. */
static const struct {
	int at;
	unsigned char value;
} violations[] = {
	{ HOPS, 254 }, /* from beyond a router */
	{ CODE, 1 },
	{ TARGET, 0xff }, /* a multicast target */
	{ DESTINATION, 0xff }, /* an answer to everybody */
	{ OPTION + 1, 0 }, /* an option of no length */
	{ OPTION + 1, 2 }, /* one that is longer than the packet */
	{ OPTION + 2, 3 }, /* a multicast MAC address */
	{ PAYLOAD_LENGTH + 1, 23 }, /* less than a target */
	{ PAYLOAD_LENGTH + 1, 33 }, /* more than the frame */
	{ PAYLOAD_LENGTH + 1, 25 }, /* a piece of an option */
	{ NEXT_HEADER, 0 },
	{ 14, 0x40 }, /* another version of IP */
	{ TYPE, 134 }, /* a router's advertisement, which does not concern us */
};

static void what_violates_neighbour_discovery_is_not_heard(void)
{
	unsigned char frame[2 * sizeof(advertisement)] = {};
	struct xlvs_heard heard;

	for (size_t i = 0; i < sizeof(violations) / sizeof(violations[0]); i++) {
		memcpy(frame, advertisement, sizeof(advertisement));
		frame[violations[i].at] = violations[i].value;
		EXPECT(hear_nd(frame, sizeof(advertisement), &heard) == 0);
	}
	memcpy(frame, advertisement, sizeof(advertisement));
	frame[CHECKSUM]++;
	EXPECT(hear(xlvs_nd_receive, frame, sizeof(advertisement), &heard, 1) == 0);
	memcpy(frame, advertisement, sizeof(advertisement));
	memcpy(frame + TARGET, "\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\0\0\x0b", 16); /* 10.0.0.11 is ARP's to find */
	EXPECT(hear_nd(frame, sizeof(advertisement), &heard) == 0);
}

static void an_advertisement_is_taken_whole_or_not(void)
{
	unsigned char padded[3000] = {};
	struct xlvs_heard heard[2];

	memcpy(padded, advertisement, sizeof(advertisement));
	for (size_t length = 1; length < sizeof(padded); length++)
		EXPECT(hear(xlvs_nd_receive, padded, length, heard, 2) == (length >= sizeof(advertisement)));
}

static void random_frames_do_no_harm(void)
{
	struct xlvs_heard heard[4];
	unsigned char frame[128];

	srandom(1);
	for (int round = 0; round < 20000; round++) {
		size_t length = 1 + random() % sizeof(frame);

		for (size_t i = 0; i < sizeof(frame); i++)
			frame[i] = i < 22 && random() % 4 ? reply[i] : random();
		EXPECT(hear(xlvs_arp_receive, frame, length, heard, 4) <= 1);
		for (size_t i = 0; i < sizeof(frame); i++)
			if (i < sizeof(advertisement) && random() % 8)
				frame[i] = advertisement[i];
		frame[PAYLOAD_LENGTH] = 0;
		frame[PAYLOAD_LENGTH + 1] %= sizeof(frame) - TYPE + 1;
		EXPECT(hear_nd(frame, length, heard) <= 1);
	}
}

int main(void)
{
	an_arp_reply_is_heard();
	an_arp_frame_of_any_length_is_taken();
	what_is_no_arp_for_ipv4_over_ethernet_is_not_heard();
	an_advertisement_is_heard();
	an_answer_need_not_repeat_the_mac_address();
	who_solicits_says_where_it_is();
	what_violates_neighbour_discovery_is_not_heard();
	an_advertisement_is_taken_whole_or_not();
	random_frames_do_no_harm();
	return failures > 0;
}
