#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# One end of a cable whose frames carry VLAN tags. Takes TAGS, 1 or 2, INTERFACES and OBJECTS, where the programs are.
set -eu
for interface in $INTERFACES; do
	# in the frame, where XDP sees them, and not beside it
	ethtool -K "$interface" txvlan off tx-vlan-stag-hw-insert off >/dev/null
	tc qdisc replace dev "$interface" clsact
	tc filter replace dev "$interface" egress bpf direct-action object-file "$OBJECTS/vlan.bpf.o" section "tag$TAGS"
	tc filter replace dev "$interface" ingress bpf direct-action object-file "$OBJECTS/vlan.bpf.o" section "untag$TAGS"
done
