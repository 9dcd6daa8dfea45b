#!/bin/sh
# The router: takes .253 on every network, sends what is not for the lab to the VM, loads the firewall, and
# runs the supervisor of the emulated links.
# Its settings are those of router-topology.sh.
set -eu

fail() {
    printf 'router: %s\n' "$*" >&2
    exit 1
}

mkdir -p /run/lab
for pair in $ROUTER_ZONES; do
    net=${pair#*=}
    interface=$(ip -o -4 address show | awk -v address="$net.252/24" '$4 == address { print $2 }')
    [ -n "$interface" ] || fail "no interface has $net.252: the network '${pair%%=*}' is missing; run: make restart"
    # .253 first: the first address is the one that traceroute shows and that NAT uses.
    ip address delete "$net.252/24" dev "$interface"
    ip address add "$net.253/24" dev "$interface"
    ip address add "$net.252/24" dev "$interface"
done
ip route replace default via "${ROUTER_ZONES##*internet=}.254"
router-topology.sh >/run/lab/topology.nft
nft -f /etc/lab/firewall/router.nft || fail "deploy/firewall/router.nft does not load; nft's message is above"
# What the exercises compare the rules in force with: the same listing, without what is counted and learned.
nft --stateless --terse list table inet lab >/run/lab/shipped-rules

printf 'router: forwarding between%s\n' "$(ip -o -4 address show | awk '$4 ~ /\.253\// { printf " %s (%s)", $4, $2 }')"

# The link supervisor keeps emulated links as they are set; should it die, it restores them when it is back.
while :; do
    python3 -m link.daemon || true
    echo 'router: the link supervisor ended; starting it again'
    sleep 0.2
done
