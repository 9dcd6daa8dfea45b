#!/bin/sh
# On the bare VM of bare-vm.sh: as docs/offline.md says, then a look whether the service answers.
set -eu

die() {
    printf 'bundle-test: %s\n' "$*" >&2
    exit 1
}

seconds() { date +%s; }

ip link set lo up
[ "$(ip -o link | wc -l)" -eq 1 ] || die "there is more than loopback here: $(ip -o link)"
[ -z "$(ip route)" ] || die "there is a route here: $(ip route)"
for tool in docker python3 make git; do
    ! command -v $tool >/dev/null || die "this VM is not bare: it has $tool"
done

cd /root
began=$(seconds)
tar xf /usb/lab.bundle.tar
sh ticketlab-*/install ticketlab
installed=$(seconds)

# Whatever looks up a name from here on asks 127.0.0.1 for it, on the VM and through the engine from the hosts.
python3 /names.py /asked &
cd ticketlab
make up
up=$(seconds)
[ -f /asked ] || die "the name server that counts did not run"
[ ! -s /asked ] || die "make up looked up names: $(sort /asked | uniq -c | tr '\n' ';')"

client=$(docker ps -q --filter label=com.docker.compose.service=client)
answer=$(docker exec "$client" curl -sS -m 10 http://10.10.10.1/readyz)
printf 'bundle-test: the client host was answered: %s\n' "$answer"
case $answer in *ok*) ;; *) die "that is no healthy answer" ;; esac
page=$(docker exec "$client" curl -sS -m 10 http://10.10.10.1/docs/exercises/04-latency.html)
case $page in *'</html>'*) ;; *) die "the page of exercise 4 is not served: $page" ;; esac

# A second time, as on any other day: nothing is built, nothing is fetched.
again=$(make up 2>&1) || die "make up a second time: $again"
case $again in *building*) die "make up builds images again: $again" ;; esac
make status
make down
kill "$(cat /run/docker.pid)"
printf 'bundle-test: passed; installed in %s s, up in %s s\n' $((installed - began)) $((up - installed))
