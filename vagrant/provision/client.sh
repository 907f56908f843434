#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A client, on the far side of the router or on the VIPs' own network. Takes what network.sh does, VIPS, VIPS6 and VIP_INTERFACE.
set -eu
. "${0%/*}/network.sh"
[ -z "$VIP_INTERFACE" ] || for vip in $VIPS $VIPS6; do ip route replace "$vip" dev "$VIP_INTERFACE"; done
