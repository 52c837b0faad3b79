#!/bin/sh
# The networks of the recordings: namespaces that reach nothing but each other.
#
# symmetric:
#   alice 10.1.0.2 -- nata 203.0.113.10 --+
#                                        hub -- server 203.0.113.5
#   bob   10.2.0.2 -- natb 203.0.113.20 --+     (the hub is 203.0.113.1)
#
#   Both NATs take a random port for each destination, and nothing comes in
#   that was not asked for.  So no direct path between alice and bob can work;
#   only the relay's addresses are good for both.
#
# cone:
#   The same, but a NAT keeps the port of the sender for all destinations, so
#   two sides that send to each other's mapped addresses find through.
#
# open:
#   alice 203.0.113.30, bob 203.0.113.40 and the server on one wire, and the
#   same with 2001:db8::30, ::40 and ::5.
#
# usage: net.sh up PREFIX symmetric|cone|open     (PREFIX-alice, PREFIX-hub ...)
#        net.sh down PREFIX
set -eu

spaces='alice bob server nata natb hub'
prefix=$2
network=${3:-}

inside() {
	space=$1
	shift
	ip netns exec "$prefix-$space" "$@"
}

# Real checksums and no merged segments: what a wire would carry.
plain_wire() {
	inside "$1" ethtool -K "$2" tso off gso off gro off tx off rx off \
		> /dev/null 2>&1 || true
}

plug_into_hub() {
	ip -n "$prefix-hub" link add "to-$1" type veth \
		peer name eth0 netns "$prefix-$1"
	ip -n "$prefix-hub" link set "to-$1" master br0 up
	ip -n "$prefix-$1" addr add "203.0.113.$2/24" dev eth0
	if [ "$network" = open ]; then
		inside "$1" sysctl -qw net.ipv6.conf.eth0.addr_gen_mode=1 \
			net.ipv6.conf.eth0.disable_ipv6=0
		ip -n "$prefix-$1" addr add "2001:db8::$2/64" dev eth0 nodad
	fi
	ip -n "$prefix-$1" link set eth0 up
	ip -n "$prefix-$1" route add default via 203.0.113.1
	plain_wire "$1" eth0
}

plug_behind_nat() {
	ip -n "$prefix-$1" link add eth0 type veth \
		peer name in0 netns "$prefix-$2"
	ip -n "$prefix-$1" addr add "$3.2/24" dev eth0
	ip -n "$prefix-$1" link set eth0 up
	ip -n "$prefix-$2" addr add "$3.1/24" dev in0
	ip -n "$prefix-$2" link set in0 up
	ip -n "$prefix-$1" route add default via "$3.1"
	plain_wire "$1" eth0
	plain_wire "$2" in0
	inside "$2" sysctl -qw net.ipv4.ip_forward=1
	[ "$network" = cone ] && ports= || ports=random,fully-random
	inside "$2" nft -f - <<-RULES
	table ip nat {
		chain out {
			type nat hook postrouting priority 100;
			oifname "eth0" masquerade $ports;
		}
		chain in {
			type filter hook input priority 0;
			iifname "eth0" ct state new drop;
		}
		chain through {
			type filter hook forward priority 0;
			iifname "eth0" ct state new drop;
		}
	}
	RULES
}

up() {
	for space in $spaces; do
		ip netns add "$prefix-$space"
		inside "$space" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 \
			net.ipv6.conf.default.disable_ipv6=1
		ip -n "$prefix-$space" link set lo up
	done
	ip -n "$prefix-hub" link add br0 type bridge mcast_snooping 0
	ip -n "$prefix-hub" addr add 203.0.113.1/24 dev br0
	ip -n "$prefix-hub" link set br0 up
	plug_into_hub server 5
	if [ "$network" = open ]; then
		plug_into_hub alice 30
		plug_into_hub bob 40
	else
		plug_into_hub nata 10
		plug_into_hub natb 20
		plug_behind_nat alice nata 10.1.0
		plug_behind_nat bob natb 10.2.0
	fi
}

# Whoever still runs in a namespace of ours was started by us.
down() {
	for space in $spaces; do
		[ -e "/run/netns/$prefix-$space" ] || continue
		for pid in $(ip netns pids "$prefix-$space"); do
			kill -KILL "$pid" 2> /dev/null || true
		done
		ip netns del "$prefix-$space" || true
	done
}

"$1"
