#!/bin/sh
# A bundle on a bare Debian VM with the network cable out.
#
#   tests/bundle/bare-vm.sh FILE
#
# The VM is a fresh root file system by debootstrap (this machine's own distribution, kept in .lab/bundle-test), entered
# in namespaces of its own by pivot_root: no network but loopback, no processes, no mounts and no home of this machine.
# There it goes as docs/offline.md says: tar xf, install, make up. Then a host of the lab asks for the service, and the
# only name server there, which knows no name, tells whether anything asked it for one. The engine in there is its own,
# with its own data; it ends with the namespace of its processes.
#
# Needs root, debootstrap, and the kernel of the VM underneath. Five to seven minutes, the first time one more.
set -eu
cd "$(dirname "$0")/../.."

WORK=$PWD/.lab/bundle-test
bundle=$(realpath "${1:?which bundle? tests/bundle/bare-vm.sh dist/….bundle.tar}")

die() {
    printf 'bundle-test: %s\n' "$*" >&2
    exit 3
}

[ "$(id -u)" -eq 0 ] || die "this needs root: sudo make bundle-test"
command -v debootstrap >/dev/null || die "debootstrap is missing; run: apt-get install debootstrap"
[ -f "$bundle" ] || die "there is no $bundle; make bundle writes one"

# The VM's own apt source of its own distribution, as "SUITE URI".
source_of() {
    # shellcheck disable=SC1091
    codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
    # shellcheck disable=SC2016  # apt-get expands these, not the shell
    apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' |
        awk -v suite="$codename" '$1 == suite' | sort -u | head -n 1
}

if [ ! -d "$WORK/bare" ]; then
    read -r suite mirror <<END
$(source_of)
END
    [ -n "${mirror:-}" ] || die "apt knows no Debian mirror; mend /etc/apt/sources.list"
    mkdir -p "$WORK" && rm -rf "$WORK/bare.new"
    echo "bundle-test: making a bare VM with debootstrap (log: $WORK/debootstrap.log)" >&2
    # With what every Debian that boots has, and a root file system for containers has not.
    debootstrap --variant=minbase --include=iproute2,procps,kmod "$suite" "$WORK/bare.new" "$mirror" \
        >"$WORK/debootstrap.log" 2>&1 || die "debootstrap failed: $(tail -n 1 "$WORK/debootstrap.log")"
    mv "$WORK/bare.new" "$WORK/bare"
fi

vm=$(mktemp -d "$WORK/vm.XXXXXX")
trap 'rm -rf "$vm"' EXIT
cp -a "$WORK/bare/." "$vm"
cp tests/bundle/inside.sh tests/bundle/names.py "$vm"
mkdir -p "$vm/usb" "$vm/old"
touch "$vm/usb/lab.bundle.tar"
echo "nameserver 127.0.0.1" >"$vm/etc/resolv.conf"

# shellcheck disable=SC2016  # expanded inside
unshare --net --mount --pid --ipc --uts --fork sh -euc '
    mount --make-rprivate /
    mount --bind "$1" "$1"
    mount --bind -o ro "$2" "$1/usb/lab.bundle.tar"
    mount -t proc proc "$1/proc"
    mount -t sysfs sysfs "$1/sys"
    [ ! -d /sys/fs/cgroup ] || mount --rbind /sys/fs/cgroup "$1/sys/fs/cgroup"
    mount --rbind /dev "$1/dev"
    mount -t tmpfs tmpfs "$1/run"
    cd "$1"
    pivot_root . old
    umount -l /old
    exec env -i HOME=/root TERM=dumb PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 /inside.sh
' sh "$vm" "$bundle"
