#!/bin/sh
# From a bare Debian or Ubuntu VM to what the lab stands on. Each step first looks whether it has
# anything to do, says what it does if so, and can be run again at any time.
#
#   bootstrap.sh python [GROUP…]   .venv with uv and the given dependency groups
#   bootstrap.sh engine            a container engine that answers, with Compose
#   bootstrap.sh base              the base image debian:trixie-slim, pulled or built here
#   bootstrap.sh packages NAME…    distribution packages, their services left off
#
# Settings (environment): DEBIAN_MIRROR, where debootstrap fetches from (default: the VM's own apt mirror).
set -eu
cd "$(dirname "$0")/.."

UV_VERSION=0.13.9 # the one place that pins uv: the images get the same
BASE_IMAGE=debian:trixie-slim
DOCKER_LOG=/var/log/ticketlab-dockerd.log
# What make install-bundle left here. While it is here, nothing is fetched from a network.
OFFLINE=$PWD/.lab/offline
if [ -e "$OFFLINE/debs/apt.conf" ]; then export APT_CONFIG="$OFFLINE/debs/apt.conf"; fi
if [ -d "$OFFLINE/uv" ]; then export UV_OFFLINE=1 UV_CACHE_DIR="$OFFLINE/uv"; fi

NOT_IN_THE_BUNDLE="with a network, take .lab/offline away and run this again"

say() { printf '▸ %s\n' "$*" >&2; }
die() {
    printf 'ticketlab: %s\n' "$*" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo env ${APT_CONFIG:+"APT_CONFIG=$APT_CONFIG"} "$@"
    else
        die "'$1' needs root, and there is no sudo here; run this as root: su -c 'make up'"
    fi
}

# apt_install NAME…: installs what is missing. Packages' services stay off (a policy-rc.d that denies),
# so that nginx for `make dev` does not take port 80 of the VM.
apt_install() {
    command -v apt-get >/dev/null || die "no apt-get here; install $* with your own package manager, then run this again"
    say "installing from the distribution's packages: $*"
    if ! apt-cache show "$1" >/dev/null 2>&1; then
        as_root apt-get -qq update || die "apt-get update failed; mend the VM's apt sources or its network, then run this again"
    fi
    quiet_services=''
    if [ ! -e /usr/sbin/policy-rc.d ]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee /usr/sbin/policy-rc.d >/dev/null
        as_root chmod 755 /usr/sbin/policy-rc.d
        quiet_services=yes
    fi
    failed=''
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "$@" >.lab/apt.log 2>&1 || failed=yes
    [ -z "$quiet_services" ] || as_root rm /usr/sbin/policy-rc.d
    [ -z "$failed" ] || die "apt-get could not install $*: $(grep '^E:' .lab/apt.log | head -n 1) (whole log: .lab/apt.log)"
}

available() { apt-cache show "$1" >/dev/null 2>&1; }

fetch_uv() {
    if [ -d "$OFFLINE/wheels" ]; then
        .venv/bin/python -m pip install -qq --disable-pip-version-check --no-index --find-links "$OFFLINE/wheels" "uv==$UV_VERSION" ||
            die "the bundle has no uv $UV_VERSION for this python3; $NOT_IN_THE_BUNDLE"
    else
        .venv/bin/python -m pip install -qq --disable-pip-version-check "uv==$UV_VERSION" ||
            die "pip could not fetch uv; check the VM's network and pip settings (pip config list)"
    fi
}

python() {
    command -v python3 >/dev/null || apt_install python3
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        die "python3 is $(python3 -V 2>&1), but the lab needs 3.11 or newer (Debian 12, Ubuntu 24.04 or later)"
    if [ ! -x .venv/bin/uv ] || [ "$(.venv/bin/uv --version | cut -d' ' -f2)" != "$UV_VERSION" ]; then
        python3 -c 'import ensurepip, venv' 2>/dev/null || apt_install python3-venv
        say "making .venv with uv $UV_VERSION"
        python3 -m venv .venv
        fetch_uv
    fi
    groups=''
    for group in "$@"; do groups="$groups --group $group"; done
    # --inexact: `make up` (group lab) must not throw out what `make test` (all groups) installed.
    # shellcheck disable=SC2086  # one word a group is meant
    .venv/bin/uv sync --quiet --frozen --inexact --no-default-groups --python .venv/bin/python $groups ||
        die "${UV_OFFLINE:+the bundle lacks packages of$groups; $NOT_IN_THE_BUNDLE; or }uv could not install the packages of uv.lock; check the VM's network (a private CA goes into SSL_CERT_FILE)"
}

# The engine's socket is root's: who is not in the group docker goes through sudo.
docker_() { if docker info >/dev/null 2>&1; then docker "$@"; else as_root docker "$@"; fi; }

# In a subshell, so that a missing sudo is an answer (no) and not the end of the script.
docker_answers() { (docker_ info) >/dev/null 2>&1; }

has_compose() {
    command -v docker-compose >/dev/null || docker compose version >/dev/null 2>&1
}

install_engine() {
    as_root apt-get -qq update || say "apt-get update failed; going on with the package lists there are"
    packages="docker.io iptables ca-certificates"
    for optional in docker-cli docker-buildx; do
        if available "$optional"; then packages="$packages $optional"; fi
    done
    if ! has_compose; then
        if available docker-compose-v2; then packages="$packages docker-compose-v2"; else packages="$packages docker-compose"; fi
    fi
    # shellcheck disable=SC2086
    apt_install $packages
}

start_engine() {
    if [ -d /run/systemd/system ]; then
        say "starting the container engine (systemd)"
        as_root systemctl start docker || die "systemd could not start docker; see: journalctl -u docker -n 50"
        return
    fi
    say "starting the container engine (no systemd here: dockerd in the background, log in $DOCKER_LOG)"
    as_root sh -c "setsid dockerd >>$DOCKER_LOG 2>&1 </dev/null &"
}

engine() {
    # The router's link emulation needs the kernel's TUN devices; a module on some VMs.
    [ -e /dev/net/tun ] || as_root modprobe tun || die "this kernel has no TUN devices (/dev/net/tun), which the router needs"
    if ! command -v dockerd >/dev/null && ! docker_answers; then install_engine; fi
    if ! has_compose; then install_engine; fi
    if ! docker_answers; then
        start_engine
        tries=0
        until docker_answers; do
            tries=$((tries + 1))
            [ "$tries" -lt 60 ] || die "the container engine does not answer after 30 s; see $DOCKER_LOG or: journalctl -u docker"
            sleep 0.5
        done
    fi
}

# The VM's own apt sources as "URI SUITE", Debian's only.
debian_sources() {
    # shellcheck disable=SC2016  # apt-get expands these, not the shell
    apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' 'Origin: Debian' 2>/dev/null | sort -u
}

write_sources() { # ROOT MIRROR
    printf 'deb %s trixie main\ndeb %s trixie-updates main\n' "$2" "$2"
    debian_sources | awk '$2 ~ /-security$/ { print "deb " $1 " trixie-security main"; exit }'
}

build_base() {
    mirror=${DEBIAN_MIRROR:-$(debian_sources | awk '$2 !~ /-/ { print $1; exit }')}
    [ -n "$mirror" ] || die "no registry gave $BASE_IMAGE, and this VM's apt knows no Debian mirror; name one: DEBIAN_MIRROR=… make up"
    command -v debootstrap >/dev/null || apt_install debootstrap debian-archive-keyring
    root=$(mktemp -d)
    # shellcheck disable=SC2064  # the directory's name is wanted now
    trap "as_root rm -rf '$root'" EXIT
    say "no registry gave $BASE_IMAGE: building it with debootstrap from the VM's apt mirror (about half a minute)"
    as_root debootstrap --variant=minbase trixie "$root" "$mirror" >.lab/debootstrap.log 2>&1 ||
        die "debootstrap failed: $(tail -n 1 .lab/debootstrap.log) (whole log: .lab/debootstrap.log)"
    write_sources "$root" "$mirror" | as_root tee "$root/etc/apt/sources.list" >/dev/null
    # What debian:*-slim leaves out as well.
    printf 'path-exclude=/usr/share/%s/*\n' doc man locale info | as_root tee "$root/etc/dpkg/dpkg.cfg.d/slim" >/dev/null
    as_root sh -c "cd '$root' && rm -rf var/cache/apt/* var/lib/apt/lists/* usr/share/doc/* usr/share/man/* usr/share/locale/* usr/share/info/*"
    as_root tar -C "$root" --one-file-system -c . | docker_ import --change 'CMD ["bash"]' - "$BASE_IMAGE" >/dev/null ||
        die "the engine would not import the base image; is the disk full? (df -h /var/lib/docker)"
}

base() {
    if docker_ image inspect "$BASE_IMAGE" >/dev/null 2>&1; then return; fi
    [ ! -d "$OFFLINE" ] || die "the base image $BASE_IMAGE is gone; make install-bundle BUNDLE=file brings it back"
    say "fetching the base image $BASE_IMAGE"
    docker_ pull --quiet "$BASE_IMAGE" >/dev/null 2>.lab/pull.log || build_base
}

packages() {
    missing=''
    for name in "$@"; do
        dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing="$missing $name"
    done
    # shellcheck disable=SC2086
    [ -z "$missing" ] || apt_install $missing
}

mkdir -p .lab
step=${1:-}
[ $# -eq 0 ] || shift
case $step in
python | engine | base | packages) "$step" "$@" ;;
*) die "usage: deploy/bootstrap.sh python [GROUP…] | engine | base | packages NAME…" ;;
esac
