/* SPDX-License-Identifier: Apache-2.0 */
/* Every race that somebody thought of. */
#ifndef XLVS_SCENARIOS_H
#define XLVS_SCENARIOS_H

#include "scenario.h"

static const char *nothing_more(void)
{
	return NULL;
}

static void two_free_slots(void)
{
	leave_free(1 << 1 | 1 << 9);
}

static void one_free_slot(void)
{
	leave_free(1 << 4);
}

static const char *anna_has_an_entry(void)
{
	return entries_of(ANNA) == 1 ? NULL : "the flow has no entry";
}

static const char *both_have_entries(void)
{
	return entries_of(ANNA) == 1 && entries_of(BEN) == 1 ? NULL : "a flow has no entry";
}

static const char *one_of_the_two_has_an_entry(void)
{
	return entries_of(ANNA) + entries_of(BEN) == 1 ? NULL : "a slot was free and nobody has it";
}

/* The second CPU's ACK used the entry that its SYN had made: from then on the flow is at home there. */
static const char *the_acknowledged_server_stays(void)
{
	const struct connection_owner *entry = entry_of(ANNA);

	if (!entry)
		return "the flow has no entry";
	if (by_entry[1][1] && entry->server != sent_to[1][1])
		return "an established flow has changed servers";
	return NULL;
}

static void ben_may_displace_anna(void)
{
	leave_free(1 << 2);
	put(2, ANNA, 1, NOW - 1, STATE_ESTABLISHED, FLAG_PROBATION);
}

/* Anna's packet in a later second proves her; Ben takes the slot only if he comes before that. */
static const char *proven_or_displaced(void)
{
	const struct connection_owner *entry = entry_of(ANNA);

	if (sent_to[0][0] != NOBODY && sent_to[0][0] != 1)
		return "a packet went to a server that is not its flow's";
	if (entry && entry->second != NOW)
		return "traffic in a later second left no trace";
	return entry || entries_of(BEN) ? NULL : "the slot is lost";
}

static void anna_is_half_open_here(void)
{
	leave_free(1 << 2);
	put(2, ANNA, 1, NOW, STATE_SYN_RECEIVED, FLAG_PROBATION);
}

/* Ben's entry may look like Anna's to the bit; her FIN must not close it. */
static const char *ben_is_half_open(void)
{
	const struct connection_owner *entry = entry_of(BEN);

	return !entry || entry->state == STATE_SYN_RECEIVED ? NULL : "a packet of one flow changed another's entry";
}

static void anna_is_nearly_over(void)
{
	leave_free(1 << 2 | 1 << 3);
	put(2, ANNA, 1, NOW - 60, STATE_ESTABLISHED, 0);
}

static void anna_is_over(void)
{
	leave_free(1 << 2 | 1 << 3);
	put(2, ANNA, 1, NOW - 61, STATE_UDP, 0);
}

/* Where the packet was sent, the entry is, unless the sweep still took it for over. */
static const char *touched_or_expired(void)
{
	const struct connection_owner *entry = entry_of(ANNA);

	return !entry || (entry->server == sent_to[0][0] && entry->second == NOW + 1) ? NULL : "a stale entry stayed";
}

static void anna_was_closing(void)
{
	leave_free(1 << 2 | 1 << 3);
	put(2, ANNA, 3, NOW, STATE_TIME_WAIT, 0);
}

static void server_one_is_retired(void)
{
	leave_free(1 << 2 | 1 << 3);
	put(2, ANNA, 1, NOW, STATE_ESTABLISHED, 0);
	ground.servers[1].route.flags = SERVER_REMOVED;
	retired_servers[0] = 1 << 1;
}

static const char *nobody_at_server_one(void)
{
	for (int number = 0; number < SLOTS; number++) {
		if (owner_numbered(number)->listener && owner_numbered(number)->server == 1)
			return "after the sweep a slot names a retired server";
	}
	return NULL;
}

/* Anna came three seconds before Ben, and that is what their entries say. */
static const char *keys_and_owners_match(void)
{
	const struct connection_owner *anna = entry_of(ANNA), *ben = entry_of(BEN);

	if ((anna && anna->second != NOW) || (ben && ben->second == NOW))
		return "a claimer that woke up late wrote over an entry";
	return NULL;
}

/* Of a wide key, which is three words, a claimer that sleeps twice may spoil another's: then that is lost, and nobody's. */
static void one_free_slot_to_lose(void)
{
	one_free_slot();
	may_lose = is_wide;
}

static const char *both_are_themselves(void)
{
	return both_have_entries() ? both_have_entries() : keys_and_owners_match();
}

/* Half of Ben's address is there already when he comes. */
static void a_neighbour_is_half_open(void)
{
	leave_free(1 << 4);
	put(4, NEIGHBOUR, 1, NOW - 30, STATE_SYN_RECEIVED, FLAG_PROBATION);
	may_lose = is_wide;
}

/* One CPU overflows; a segment that follows on another one, whose clock is a second behind, goes by the hash too. */
static const char *what_follows_is_hashed(void)
{
	bool is_hashed = sent_to[0][0] != NOBODY && !by_entry[0][0];

	return is_hashed && sent_to[0][1] == NOBODY ? "a flow without an entry was reset" : NULL;
}

/* Full until the sweep takes a retired server's entry away. */
/* Anna's packets and replies come through one port, and it is hers. */
static const char *replies_find_anna(void)
{
	for (int actor = 0; actor < MAXIMUM_ACTORS; actor++) {
		for (int number = 0; number < MAXIMUM_PACKETS; number++) {
			if (replied_to[actor][number] != NOBODY && replied_to[actor][number] != ANNA)
				return "a reply went to another client";
		}
	}
	return entry_of(ANNA) && by_entry[1][0] && replied_to[1][1] == NOBODY ? "a reply was lost" : NULL;
}

/* Ben's packet may have left before Anna came back, but not by a port that is hers now. */
static const char *ports_differ(void)
{
	return entry_of(ANNA) && entry_of(BEN) && own_port_of(ANNA) == own_port_of(BEN) ? "two flows have one port" :
											  NULL;
}

/* Anna's time is over, or not yet, and with it that of her port, which is the first that Ben tries. */
static void anna_is_over_elsewhere(void)
{
	leave_free(1 << 2 | 1 << 9);
	put(9, ANNA, 1, NOW - 60, STATE_ESTABLISHED, 0);
}

static void full_until_the_sweep(void)
{
	leave_free(1 << 2);
	put(2, SETTLED + 2, 1, NOW, STATE_ESTABLISHED, 0);
	retired_servers[0] = 1 << 1;
}

static const struct scenario scenarios[] = {
	{ "two CPUs enter one flow",
	  two_free_slots,
	  { { { { SYN, ANNA, NOW } } }, { { { SYN, ANNA, NOW } } } },
	  anna_has_an_entry },
	{ "two CPUs enter one UDP flow",
	  two_free_slots,
	  { { { { UDP, ANNA, NOW } } }, { { { UDP, ANNA, NOW } } } },
	  anna_has_an_entry },
	{ "two CPUs enter one flow where one slot is free",
	  one_free_slot,
	  { { { { SYN, ANNA, NOW } } }, { { { SYN, ANNA, NOW } } } },
	  nothing_more },
	{ "two CPUs enter two flows",
	  two_free_slots,
	  { { { { SYN, ANNA, NOW } } }, { { { SYN, BEN, NOW } } } },
	  both_have_entries },
	{ "two CPUs enter two flows where one slot is free",
	  one_free_slot,
	  { { { { SYN, ANNA, NOW } } }, { { { SYN, BEN, NOW } } } },
	  one_of_the_two_has_an_entry },
	{ "an established flow outlives a slow insert of the same",
	  two_free_slots,
	  { { { { SYN, ANNA, NOW } } }, { { { SYN, ANNA, NOW }, { ACK, ANNA, NOW } } } },
	  the_acknowledged_server_stays },
	{ "an established flow outlives a slow insert of the same where one slot is free",
	  one_free_slot,
	  { { { { SYN, ANNA, NOW } } }, { { { SYN, ANNA, NOW }, { ACK, ANNA, NOW } } } },
	  the_acknowledged_server_stays },
	{ "an established flow outlives two slow inserts of the same",
	  one_free_slot,
	  { { { { SYN, ANNA, NOW } } }, { { { SYN, ANNA, NOW }, { ACK, ANNA, NOW } } }, { { { SYN, ANNA, NOW } } } },
	  the_acknowledged_server_stays },
	{ "two CPUs enter one flow while its next packet comes to a third",
	  two_free_slots,
	  { { { { SYN, ANNA, NOW } } }, { { { SYN, ANNA, NOW } } }, { { { ACK, ANNA, NOW } } } },
	  anna_has_an_entry },
	{ "proof of a client against displacement",
	  ben_may_displace_anna,
	  { { { { ACK, ANNA, NOW } } }, { { { SYN, BEN, NOW } } } },
	  proven_or_displaced },
	{ "displacement by an entry that looks the same",
	  anna_is_half_open_here,
	  { { { { FIN, ANNA, NOW } } }, { { { SYN, BEN, NOW } } } },
	  ben_is_half_open },
	{ "a packet at the last moment against the sweep",
	  anna_is_nearly_over,
	  { { { { ACK, ANNA, NOW } } }, { { { SWEEP, 0, NOW + 1 } } } },
	  nothing_more },
	{ "a packet of a flow that is over against the sweep",
	  anna_is_over,
	  { { { { UDP, ANNA, NOW + 1 } } }, { { { SWEEP, 0, NOW + 1 } } } },
	  touched_or_expired },
	{ "two CPUs renew one flow",
	  anna_was_closing,
	  { { { { SYN, ANNA, NOW } } }, { { { SYN, ANNA, NOW } } } },
	  anna_has_an_entry },
	{ "two CPUs renew one flow while its old one is still heard",
	  anna_was_closing,
	  { { { { SYN, ANNA, NOW } } }, { { { SYN, ANNA, NOW } } }, { { { ACK, ANNA, NOW + 1 } } } },
	  anna_has_an_entry },
	{ "a retired server is gone after the sweep",
	  server_one_is_retired,
	  { { { { ACK, ANNA, NOW + 1 } } }, { { { SWEEP, 0, NOW } } }, { { { SYN, ANNA, NOW } } } },
	  nobody_at_server_one },
	{ "a claimer that wakes up late, again and again",
	  one_free_slot_to_lose,
	  { { { { SYN, ANNA, NOW } } }, { { { SYN, BEN, NOW + BUSY_SECONDS + 1 } } } },
	  keys_and_owners_match },
	{ "two inserts and the sweep",
	  two_free_slots,
	  { { { { SYN, ANNA, NOW } } }, { { { SYN, ANNA, NOW } } }, { { { SWEEP, 0, NOW + 1 } } } },
	  anna_has_an_entry },
	{ "overflow on two CPUs at the turn of a second",
	  full_until_the_sweep,
	  { { { { SYN, ANNA, NOW }, { ACK, ANNA, NOW } } }, { { { SYN, BEN, NOW + 1 } } }, { { { SWEEP, 0, NOW } } } },
	  what_follows_is_hashed },
};

/* Where somebody sleeps once, and not in each of his tries. */
static const struct scenario sleepers[] = {
	{ "a claimer that wakes up late",
	  one_free_slot,
	  { { { { SYN, ANNA, NOW } } }, { { { SYN, BEN, NOW + BUSY_SECONDS + 1 } } } },
	  keys_and_owners_match },
	{ "a claimer that wakes up late, and nobody has taken its slot",
	  two_free_slots,
	  { { { { SYN, ANNA, NOW } } }, { { { SYN, BEN, NOW + BUSY_SECONDS + 1 } } } },
	  both_are_themselves },
	{ "a claimer that wakes up late where Ben's neighbour was",
	  a_neighbour_is_half_open,
	  { { { { SYN, ANNA, NOW } } }, { { { SYN, BEN, NOW + BUSY_SECONDS + 1 } } } },
	  keys_and_owners_match },
};

/* Of full NAT. */
static const struct scenario port_scenarios[] = {
	{ "two CPUs enter one flow, and its server answers",
	  two_free_slots,
	  { { { { SYN, ANNA, NOW } } }, { { { SYN, ANNA, NOW }, { ANSWERED, 0, NOW } } } },
	  replies_find_anna },
	{ "a port whose flow is nearly over",
	  anna_is_over_elsewhere,
	  { { { { ACK, ANNA, NOW } } }, { { { SYN, BEN, NOW + 1 } } } },
	  ports_differ },
};

#endif
