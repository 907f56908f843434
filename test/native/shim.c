// SPDX-License-Identifier: Apache-2.0
// native/ under the sanitizers, as far as it needs no privileges: what comes from outside, and what is copied into buffers.
#include "../../native/shim.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "../../bpf/abi.h"

static int failures;

#define EXPECT(condition)                                                      \
	do {                                                                   \
		if (!(condition)) {                                            \
			printf("%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			failures++;                                            \
		}                                                              \
	} while (0)

/* An ARP reply: 10.0.0.11 is at 02:00:00:00:00:11. */
static const unsigned char reply[42] = {
	0x02, 0, 0, 0, 0, 2, 0x02, 0,  0, 0, 0,	 0x11, 0x08, 0x06, 0, 1, 0x08, 0,  6, 4, 0,
	2,    2, 0, 0, 0, 0, 0x11, 10, 0, 0, 11, 0x02, 0,    0,	   0, 0, 2,    10, 0, 0, 2,
};

/* How many answers are heard when `frame` has come. */
static int hear(const void *frame, size_t length, struct xlvs_arp_heard *heard, __u32 capacity)
{
	int ends[2], count;

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) || send(ends[0], frame, length, 0) < 0)
		abort();
	count = xlvs_arp_receive(ends[1], heard, capacity);
	close(ends[0]);
	close(ends[1]);
	return count;
}

static void an_answer_is_heard(void)
{
	struct xlvs_arp_heard heard = {};

	EXPECT(hear(reply, sizeof(reply), &heard, 1) == 1);
	EXPECT(heard.sender == inet_addr("10.0.0.11"));
	EXPECT(memcmp(heard.mac, reply + 22, 6) == 0);
}

static void a_frame_of_any_length_is_taken(void)
{
	struct xlvs_arp_heard heard[2];
	char padded[2000] = {};

	memcpy(padded, reply, sizeof(reply));
	for (size_t length = 1; length < sizeof(padded); length++)
		EXPECT(hear(padded, length, heard, 2) == (length >= sizeof(reply)));
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
	struct xlvs_arp_heard heard;
	unsigned char frame[sizeof(reply)];

	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		memcpy(frame, reply, sizeof(frame));
		frame[lies[i].at] = lies[i].value;
		EXPECT(hear(frame, sizeof(frame), &heard, 1) == 0);
	}
	memcpy(frame, reply, sizeof(frame));
	memset(frame + 22, 0, 6);
	EXPECT(hear(frame, sizeof(frame), &heard, 1) == 0);
	memcpy(frame, reply, sizeof(frame));
	memset(frame + 28, 0, 4);
	EXPECT(hear(frame, sizeof(frame), &heard, 1) == 0);
}

static void random_frames_do_no_harm(void)
{
	struct xlvs_arp_heard heard[4];
	unsigned char frame[64];

	srandom(1);
	for (int round = 0; round < 20000; round++) {
		size_t length = 1 + random() % sizeof(frame);

		for (size_t i = 0; i < length; i++)
			frame[i] = i < 22 && random() % 4 ? reply[i] : random();
		EXPECT(hear(frame, length, heard, 4) <= 1);
	}
}

static void the_end_of_the_log_is_kept(void)
{
	char path[4000], text[1000];

	memset(path, 'x', sizeof(path));
	memcpy(path, "/nowhere/", 9);
	path[sizeof(path) - 1] = '\0';
	xlvs_log_capture();
	for (int i = 0; i < 40; i++)
		EXPECT(!bpf_object__open_file(path, NULL));
	EXPECT(!bpf_object__open_file("/nowhere/last", NULL));
	EXPECT(xlvs_log_take(text, sizeof(text)) == sizeof(text) - 1);
	EXPECT(strstr(text, "/nowhere/last"));
	EXPECT(xlvs_log_take(text, sizeof(text)) == 0 && text[0] == '\0');
}

static void a_constant_is_set_or_refused(const char *object)
{
	struct identity identity = { .version = 7 };
	struct bpf_object *opened = bpf_object__open_file(object, NULL);

	EXPECT(opened);
	if (!opened)
		return;
	EXPECT(xlvs_constant_set(opened, "identity", &identity, sizeof(identity)) == 0);
	EXPECT(xlvs_constant_set(opened, "identity", &identity, sizeof(identity) - 1) == -ENOENT);
	EXPECT(xlvs_constant_set(opened, "nothing", &identity, sizeof(identity)) == -ENOENT);
	bpf_object__close(opened);
}

int main(int count, char **words)
{
	an_answer_is_heard();
	a_frame_of_any_length_is_taken();
	what_is_no_arp_for_ipv4_over_ethernet_is_not_heard();
	random_frames_do_no_harm();
	the_end_of_the_log_is_kept();
	a_constant_is_set_or_refused(count > 1 ? words[1] : "");
	return failures > 0;
}
