# SPDX-License-Identifier: Apache-2.0
# What every machine's provisioning begins with: lo, the ways out, and frames that leave with finished checksums.
# Takes INTERFACES, GATEWAY, GATEWAY6, FORWARDS and ROUTES (PREFIX=GATEWAY, space separated; PREFIX and GATEWAY of either family).
ip link set lo up
[ -z "$GATEWAY" ] || ip route replace default via "$GATEWAY"
[ -z "$GATEWAY6" ] || ip route replace default via "$GATEWAY6"
for route in $ROUTES; do ip route replace "${route%=*}" via "${route#*=}"; done

# a gateway sends no one elsewhere: in one-armed NAT the answers must come back through it
if [ -n "$FORWARDS" ]; then
	sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.all.rp_filter=0
	[ ! -e /proc/sys/net/ipv6 ] || sysctl -qw net.ipv6.conf.all.forwarding=1
fi
for interface in $INTERFACES; do
	# a frame that XDP redirects can't have its checksum finished later
	ethtool -K "$interface" tx off >/dev/null
	[ -z "$FORWARDS" ] || sysctl -qw "net.ipv4.conf.$interface.rp_filter=0" "net.ipv4.conf.$interface.send_redirects=0"
done
