#!/bin/sh
# Prints what router.nft includes: which interface and addresses each zone has in this router today.
#
#   ROUTER_ZONES      "clients=10.10.20 lab=10.10.10 …": each zone and its network's first three bytes
#   ROUTER_WEBHOOKS   addresses that the app may post to, by commas (default: the Discord stand-in)
#   ROUTER_RESOLVERS  name servers that the app may ask, by commas (default: none)
set -eu

# The interface that has this address. Their order (eth0, eth1, …) differs between engine versions.
interface_of() { ip -o -4 address show | awk -v address="$1" '{ split($4, a, "/") } a[1] == address { print $2 }'; }

for pair in $ROUTER_ZONES; do
    zone=${pair%%=*} net=${pair#*=}
    interface=$(interface_of "$net.253")
    if [ -z "$interface" ]; then
        echo "router: no interface has $net.253: the network '$zone' is missing; run: make restart" >&2
        exit 1
    fi
    printf 'define %s_if = "%s"\ndefine %s_net = %s.0/24\n' "$zone" "$interface" "$zone" "$net"
    case $zone in
    lab) printf 'define edge = %s.1\n' "$net" ;;
    backend) printf 'define apps = { %s.11, %s.12, %s.13, %s.14 }\n' "$net" "$net" "$net" "$net" ;;
    internet) printf 'define webhook = { %s }\n' "${ROUTER_WEBHOOKS:-$net.80}" ;;
    esac
done
# nft knows no empty list; nobody has the broadcast address.
printf 'define resolvers = { %s }\n' "${ROUTER_RESOLVERS:-255.255.255.255}"
