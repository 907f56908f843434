/* SPDX-License-Identifier: Apache-2.0 */
/* The packet program in the kernel, over maps of its own that are pinned nowhere: one VIP, one service each for TCP and UDP. */
#ifndef XLVS_LOADED_H
#define XLVS_LOADED_H

#include <stdbool.h>
#include <stdint.h>

#include "../../bpf/abi.h"

enum {
	LOADED_SERVERS = 8, /* real servers 1 to 8 */
	VIP = 0x0100000a, /* 10.0.0.1, network order */
	TCP_LISTENER = 1,
	UDP_LISTENER = 2,
	FRAME_BYTES = 60,
};

struct loaded {
	struct bpf_object *object;
	int program;
	uint32_t line_count;
	struct connection_line *lines;
	struct load *loads;
	struct server *servers;
	struct service *services;
	struct settings *settings;
	int outcomes; /* the map's descriptor */
};

enum segment {
	SEGMENT_SYN,
	SEGMENT_ACK,
	SEGMENT_FIN,
	SEGMENT_RST,
	DATAGRAM
};

/* What the program did with a frame. */
struct passage {
	uint32_t action;
	uint16_t server; /* that its MAC address now names; 0: none */
};

/* Loads the program over a table of `line_count` lines; ends the process with a message where it can't. */
struct loaded load_program(uint32_t line_count, enum stray stray);
/* The maps' memory stays mapped. */
void unload_program(const struct loaded *loaded);
struct passage send_frame(const struct loaded *loaded, uint32_t client, uint16_t client_port, enum segment segment);
/* How often any outcome was counted. */
uint64_t outcomes_counted(const struct loaded *loaded);
void set_flags(const struct loaded *loaded, uint16_t server, uint8_t flags);

#endif
