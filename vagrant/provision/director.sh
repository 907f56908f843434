#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The machine that xlvsd runs on; xlvsd itself adds the VIPs. Takes GATEWAY and INTERFACES.
set -eu
ip link set lo up
ip route replace default via "$GATEWAY"
for interface in $INTERFACES; do ethtool -K "$interface" tx off >/dev/null; done
