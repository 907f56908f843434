/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef XLVS_STATE_H
#define XLVS_STATE_H

#include "packet.h"
#include "server.h"

enum tcp_event {
	EVENT_SYN,
	EVENT_FIN,
	EVENT_ACK,
	EVENT_RST,
	EVENTS = 4,
};

/* Which of IPVS's tables: what a packet makes of a state depends on who sent it, and on who is seen at all. */
enum direction {
	REQUEST_ALONE, /* direct routing, tunnel: replies take another way */
	REQUEST,
	REPLY,
	DIRECTIONS,
};

/* In the order of enum connection_state, from NONE to SYN_ACK. */
#define NO STATE_NONE
#define ES STATE_ESTABLISHED
#define SS STATE_SYN_SENT
#define SR STATE_SYN_RECEIVED
#define FW STATE_FIN_WAIT
#define TW STATE_TIME_WAIT
#define CL STATE_CLOSE
#define CW STATE_CLOSE_WAIT
#define LA STATE_LAST_ACK
#define LI STATE_LISTEN
#define SA STATE_SYN_ACK
static const enum connection_state next_states[DIRECTIONS][EVENTS][STATES] = {
	[REQUEST_ALONE] = {
		[EVENT_SYN] = { SR, ES, ES, SR, SR, SR, SR, SR, SR, SR, SR },
		[EVENT_FIN] = { CL, FW, SS, TW, FW, TW, CL, CW, LA, LI, TW },
		[EVENT_ACK] = { ES, ES, SS, ES, FW, TW, CL, CW, CL, LI, ES },
		[EVENT_RST] = { CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, CL },
	},
	[REQUEST] = {
		[EVENT_SYN] = { SR, ES, ES, SR, SR, SR, SR, SR, SR, SR, SR },
		[EVENT_FIN] = { CL, CW, SS, TW, TW, TW, CL, CW, LA, LI, TW },
		[EVENT_ACK] = { ES, ES, SS, ES, FW, TW, CL, CW, CL, LI, ES },
		[EVENT_RST] = { CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, SR },
	},
	[REPLY] = {
		[EVENT_SYN] = { SS, ES, SS, SR, SS, SS, SS, SS, SS, LI, SR },
		[EVENT_FIN] = { TW, FW, SS, TW, FW, TW, CL, TW, LA, LI, TW },
		[EVENT_ACK] = { ES, ES, SS, ES, FW, TW, CL, CW, LA, ES, ES },
		[EVENT_RST] = { CL, CL, SS, CL, CL, TW, CL, CL, CL, CL, CL },
	},
};
#undef NO
#undef ES
#undef SS
#undef SR
#undef FW
#undef TW
#undef CL
#undef CW
#undef LA
#undef LI
#undef SA

/* RST over SYN over FIN over ACK; a segment without any of them changes nothing. */
ALWAYS_INLINE enum connection_state next_state(enum direction direction, enum connection_state state, __u8 flags)
{
	__u32 event;

	if (flags & TCP_RST)
		event = EVENT_RST;
	else if (flags & TCP_SYN)
		event = EVENT_SYN;
	else if (flags & TCP_FIN)
		event = EVENT_FIN;
	else if (flags & TCP_ACK)
		event = EVENT_ACK;
	else
		return state;
	return next_states[direction][event][state & (STATES - 1)];
}

/* The table for a client's packets to a server that is reached this way. */
ALWAYS_INLINE enum direction requests_of(__u64 route_word)
{
	return is_two_way(route_word) ? REQUEST : REQUEST_ALONE;
}

/* A SYN on such an entry is a new connection: in one-way traffic FIN_WAIT is as good as over. */
ALWAYS_INLINE bool is_closing(enum connection_state state, bool two_way)
{
	return state == STATE_TIME_WAIT || state == STATE_CLOSE || state == STATE_LAST_ACK ||
	       (!two_way && (state == STATE_FIN_WAIT || state == STATE_CLOSE_WAIT));
}

/* The client wants a new connection. (SYN with ACK, FIN or RST opens nothing.) */
ALWAYS_INLINE bool opens(__u8 flags)
{
	return (flags & (TCP_SYN | TCP_ACK | TCP_FIN | TCP_RST)) == TCP_SYN;
}

#endif
