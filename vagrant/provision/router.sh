#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Joins networks. Takes what network.sh does, VIPS, VIPS6 and VIP_INTERFACE, the side on which the VIPs are.
set -eu
FORWARDS=yes
. "${0%/*}/network.sh"
# replies come from the VIP, and not always the way that requests go
[ -z "$VIP_INTERFACE" ] || for vip in $VIPS $VIPS6; do ip route replace "$vip" dev "$VIP_INTERFACE"; done
