#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A client on the far side of the router. Takes GATEWAY and INTERFACES (space separated).
set -eu
ip link set lo up
ip route replace default via "$GATEWAY"
# a frame that XDP redirects can't have its checksum finished later
for interface in $INTERFACES; do ethtool -K "$interface" tx off >/dev/null; done
