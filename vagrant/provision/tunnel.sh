# SPDX-License-Identifier: Apache-2.0
# The end of the director's tunnels on a real server: takes outer headers off, and the VIPs on lo get what was in them. Takes
# INTERFACES, OBJECTS, where the program is, and PINS, a directory in bpffs for as long as this takes.
for interface in $INTERFACES; do
	rm -rf "$PINS"
	mkdir "$PINS"
	bpftool prog load "$OBJECTS/decapsulate.bpf.o" "$PINS/program" type xdp pinmaps "$PINS"
	{
		ip -4 -o address show dev "$interface" | awk '{ split($4, parts, "[./]"); printf "00 00 00 00 00 00 00 00 00 00 ff ff %02x %02x %02x %02x\n", parts[1], parts[2], parts[3], parts[4] }'
		awk -v interface="$interface" '$6 == interface { gsub(/../, "& ", $1); print $1 }' /proc/net/if_inet6
	} | while read -r address; do
		# shellcheck disable=SC2086 # sixteen words
		bpftool map update pinned "$PINS/addresses" key hex $address value hex 01
	done
	bpftool net attach xdpdrv pinned "$PINS/program" dev "$interface"
	rm -rf "$PINS"
done
