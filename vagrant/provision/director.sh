#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The machine that xlvsd runs on; xlvsd itself adds the VIPs. Takes what network.sh does, and vlan.sh if TAGS isn't empty.
set -eu
. "${0%/*}/network.sh"
[ -z "$TAGS" ] || sh "${0%/*}/vlan.sh"
