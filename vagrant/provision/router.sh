#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Joins the clients' network to the servers'. Takes INTERFACES, VIPS and VIP_INTERFACE, the side on which the VIPs are.
set -eu
ip link set lo up
sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.send_redirects=0
for interface in $INTERFACES; do
	# replies come from the VIP, and not always the way that requests go
	sysctl -qw "net.ipv4.conf.$interface.rp_filter=0" "net.ipv4.conf.$interface.send_redirects=0"
	ethtool -K "$interface" tx off >/dev/null
done
sysctl -qw net.ipv4.conf.all.rp_filter=0
for vip in $VIPS; do ip route replace "$vip/32" dev "$VIP_INTERFACE"; done
