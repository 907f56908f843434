#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A real server: nginx with a page of its own; for direct routing and tunnels the VIPs on lo, silent about them on the network.
# Takes what network.sh does (and tunnel.sh, if FORWARDING is tun), NAME, VIPS, VIPS6 and SITE, a directory for nginx's configuration, pages and logs.
set -eu
. "${0%/*}/network.sh"

# Only the director may answer ARP for a VIP, and no server may ask from one: LVS-DR's two settings. IPv6 needs neither: ND answers
# for the interface's own addresses alone, and a deprecated address is nobody's source unless it is asked for.
sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
sysctl -qw net.ipv4.conf.all.rp_filter=0
for interface in $INTERFACES; do sysctl -qw "net.ipv4.conf.$interface.rp_filter=0"; done
for vip in $VIPS; do ip address replace "$vip/32" dev lo; done
for vip in $VIPS6; do ip address replace "$vip/128" dev lo nodad preferred_lft 0; done
[ "$FORWARDING" != tun ] || . "${0%/*}/tunnel.sh"

mkdir -p "$SITE/pages" "$SITE/logs" "$SITE/work" "$SITE/uploads"
chown www-data "$SITE/uploads"
echo "$NAME" >"$SITE/pages/index.html"
chmod 755 "$SITE" "$SITE/pages"
cat >"$SITE/nginx.conf" <<EOF
user www-data;
worker_processes 1;
pid $SITE/nginx.pid;
error_log $SITE/logs/error.log;
events { worker_connections 4096; }
http {
	types { text/html html; }
	default_type application/octet-stream;
	log_format lab '\$remote_addr:\$remote_port \$server_addr:\$server_port \$status \$request_uri';
	access_log $SITE/logs/access.log lab;
	client_body_temp_path $SITE/work;
	proxy_temp_path $SITE/work;
	fastcgi_temp_path $SITE/work;
	uwsgi_temp_path $SITE/work;
	scgi_temp_path $SITE/work;
	keepalive_timeout 60s;
	server {
		listen 80 backlog=4096;
		listen [::]:80 backlog=4096;
		listen 8080 backlog=4096;
		listen [::]:8080 backlog=4096;
		root $SITE/pages;
		location /slow/ { alias $SITE/pages/; limit_rate 4m; }
		location /trickle/ { alias $SITE/pages/; limit_rate 16k; }
		location /uploads/ { alias $SITE/uploads/; dav_methods PUT; client_max_body_size 0; }
	}
}
EOF
if [ -s "$SITE/nginx.pid" ] && kill -0 "$(cat "$SITE/nginx.pid")" 2>/dev/null; then
	nginx -c "$SITE/nginx.conf" -e "$SITE/logs/error.log" -s reload
else
	nginx -c "$SITE/nginx.conf" -e "$SITE/logs/error.log"
fi
