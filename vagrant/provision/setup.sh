#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what xlvs is built and tested with: Debian packages, then npm's. Does nothing when nothing is missing; asks nothing.
# usage: setup.sh packages | node-modules
set -eu
cd "$(dirname "$0")/../.."

fail() {
	echo "setup: $*" >&2
	exit 1
}

missing_packages() {
	sed 's/#.*//' vagrant/provision/packages.txt | while read -r package; do
		[ -z "$package" ] && continue
		dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || echo "$package"
	done
}

# A package that brings a daemon (nginx) must not start it here: the lab runs its own.
install_packages() {
	missing=$(missing_packages)
	[ -z "$missing" ] && return
	[ "$(id -u)" = 0 ] || fail "these Debian packages are missing, and only root can install them:" $missing
	policy=/usr/sbin/policy-rc.d
	if [ ! -e "$policy" ]; then
		printf '#!/bin/sh\nexit 101\n' >"$policy"
		chmod +x "$policy"
		trap 'rm -f "$policy"' EXIT
		trap 'exit 130' INT TERM
	fi
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -q
	# shellcheck disable=SC2086 # a list of words
	apt-get install -q -y --no-install-recommends $missing </dev/null
	case " $(echo $missing) " in
	*' nginx-light '*) systemctl disable nginx >/dev/null 2>&1 || true ;;
	esac
}

check_node() {
	command -v node >/dev/null && command -v npm >/dev/null || fail "Node 20 or later with npm is needed, and there is none on the PATH"
	[ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ] || fail "Node 20 or later is needed; this is $(node --version)"
}

# The FFI modules are compiled where no prebuilt binary fits; Node's headers, when they lie beside it, spare a download.
install_node_modules() {
	check_node
	wanted=$({ cat package-lock.json; node --version; } | sha256sum | cut -d' ' -f1)
	stamp=node_modules/.xlvs-installed
	[ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && return
	prefix=$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")
	[ -e "$prefix/include/node/node_api.h" ] && export npm_config_nodedir="$prefix"
	npm ci --no-audit --no-fund --loglevel=error </dev/null
	echo "$wanted" >"$stamp"
}

case "${1:-}" in
packages) install_packages ;;
node-modules) install_node_modules ;;
*) fail "usage: setup.sh packages | node-modules" ;;
esac
