// SPDX-License-Identifier: Apache-2.0
// native/ under the sanitizers, as far as it needs no privileges: what comes from outside, and what is copied into buffers.
#include "../../native/shim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "../../bpf/abi.h"

#include "expect.h"

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

/* Whatever this machine has: the loopback interface at least. */
static void the_surroundings_are_read_as_far_as_there_is_room(void)
{
	static struct xlvs_device devices[4096];
	static struct xlvs_address addresses[16384];
	static struct xlvs_route routes[4096];

	EXPECT(xlvs_devices_read(devices, 4096) >= 1);
	EXPECT(xlvs_devices_read(devices, 1) == 1 && strcmp((char *)devices[0].name, "lo") == 0 && devices[0].mtu);
	EXPECT(xlvs_devices_read(devices, 0) == 0);
	EXPECT(xlvs_addresses_read(addresses, 16384) >= 0);
	EXPECT(xlvs_addresses_read(addresses, 1) <= 1);
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		EXPECT(xlvs_routes_read(ipv6, routes, 4096) >= 0);
		EXPECT(xlvs_routes_read(ipv6, routes, 1) <= 1);
		EXPECT(xlvs_routes_read(ipv6, routes, 0) == 0);
		EXPECT(xlvs_rules_read(ipv6) >= 0);
	}
}

int main(int count, char **words)
{
	the_surroundings_are_read_as_far_as_there_is_room();
	the_end_of_the_log_is_kept();
	a_constant_is_set_or_refused(count > 1 ? words[1] : "");
	return failures > 0;
}
