/* SPDX-License-Identifier: Apache-2.0 */
/* The listener table, as the controller fills it; bpf/service.h reads it. One writer at a time. */
#ifndef XLVS_LISTENERS_H
#define XLVS_LISTENERS_H

#include "../bpf/abi.h"

/* Enters a listener, or changes it at one stroke. 0, or -ENOSPC when both its lines are full. */
int xlvs_listener_put(struct listener_line *lines, const struct identity *identity, const struct listener_key *key,
		      const struct listener *value);

/* Takes a listener away; 0, or -ENOENT. */
int xlvs_listener_remove(struct listener_line *lines, const struct identity *identity, const struct listener_key *key);

#endif
