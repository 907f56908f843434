/* SPDX-License-Identifier: Apache-2.0 */
/* The listener tables, as the controller fills them; bpf/service.h reads them. One writer at a time. */
#ifndef XLVS_LISTENERS_H
#define XLVS_LISTENERS_H

#include "../bpf/abi.h"

/* Enters a listener, or changes it at one stroke. 0, or -ENOSPC when both its lines are full. */
int xlvs_listener_put(struct listener_line *lines, const struct identity *identity, const struct listener_key *key,
		      const struct listener *value);

/* Takes a listener away; 0, or -ENOENT. */
int xlvs_listener_remove(struct listener_line *lines, const struct identity *identity, const struct listener_key *key);

/* The same for IPv6. `taken` in the key needs not be set. */
int xlvs_wide_listener_put(struct wide_listener_line *lines, const struct identity *identity,
			   const struct wide_listener_key *key, const struct listener *value);
int xlvs_wide_listener_remove(struct wide_listener_line *lines, const struct identity *identity,
			      const struct wide_listener_key *key);

#endif
