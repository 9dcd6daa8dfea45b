#!/bin/sh
# The netem engine's tests on a kernel that has netem, whatever this machine's kernel has: Debian's cloud kernel
# under qemu's software emulation. What it needs is fetched from the VM's own apt mirror and kept in .lab/vm.
#
#   tests/vm/boot.sh [pytest options]
#
# Needs root, mmdebstrap, cpio and qemu-system-x86. The first run takes some two minutes, later ones one.
set -eu
cd "$(dirname "$0")/../.."

STATE=.lab/vm
PACKAGES=linux-image-cloud-amd64,kmod,mount,iproute2,iputils-ping,iperf3,nftables,procps,python3,python3-pytest,conntrack
MEMORY=2048   # MiB; the root file system is in it
PATIENCE=600  # seconds for boot and tests together

die() {
    printf 'test-vm: %s\n' "$*" >&2
    exit 3
}

for tool in mmdebstrap cpio qemu-system-x86_64; do
    command -v "$tool" >/dev/null || die "$tool is missing; run: apt-get install mmdebstrap cpio qemu-system-x86"
done

# The VM's own apt source of Debian's main archive, as "deb URI SUITE main".
source_line() {
    # shellcheck disable=SC2016  # apt-get expands these, not the shell
    apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) main' 'Created-By: Packages' 'Origin: Debian' |
        awk '$3 !~ /-/' | sort -u | head -n 1
}

# Kernel and root file system, made once.
build() {
    line=$(source_line)
    [ -n "$line" ] || die "apt knows no Debian mirror; mend /etc/apt/sources.list"
    rm -rf "$STATE" && mkdir -p "$STATE/root"
    echo "test-vm: making the guest with mmdebstrap (log: $STATE/build.log)" >&2
    mmdebstrap --variant=apt --include="$PACKAGES" \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' \
        "$(echo "$line" | cut -d' ' -f3)" "$STATE/root" "$line" >"$STATE/build.log" 2>&1 ||
        die "mmdebstrap failed: $(tail -n 1 "$STATE/build.log")"
    kernel=$(ls "$STATE/root/lib/modules")
    chroot "$STATE/root" depmod -a "$kernel"
    mv "$STATE/root/boot/vmlinuz-$kernel" "$STATE/vmlinuz"
    rm -rf "$STATE/root/boot" "$STATE/root/var/lib/apt/lists" "$STATE/root/var/cache/apt"
    (cd "$STATE/root" && find . | cpio --quiet -o -H newc | gzip -1) >"$STATE/root.cpio.gz"
    rm -rf "$STATE/root"
    echo "$kernel" >"$STATE/complete"
}

# What of the checkout the tests need, laid over the root file system: the kernel unpacks both archives.
overlay() {
    over=$(mktemp -d)
    mkdir -p "$over/srv/ticketlab/tests"
    cp -r deploy "$over/srv/ticketlab/"
    cp -r tests/netns tests/vm "$over/srv/ticketlab/tests/"
    find "$over" -name __pycache__ -prune -exec rm -rf {} +
    sed "s|@OPTIONS@|$*|" tests/vm/init >"$over/init"
    chmod 755 "$over/init"
    (cd "$over" && find . | cpio --quiet -o -H newc | gzip -1)
    rm -rf "$over"
}

[ -e "$STATE/complete" ] || build
overlay "$@" | cat "$STATE/root.cpio.gz" - >"$STATE/initrd"
echo "test-vm: booting Linux $(cat "$STATE/complete") under qemu" >&2
timeout "$PATIENCE" qemu-system-x86_64 -accel tcg,thread=multi -smp 2 -m "$MEMORY" -nographic -no-reboot -nic none \
    -kernel "$STATE/vmlinuz" -initrd "$STATE/initrd" \
    -append "console=ttyS0 quiet panic=-1 rdinit=/init" </dev/null | tee "$STATE/console.log"
grep -q '^TEST-VM: passed' "$STATE/console.log" || die "the tests did not pass in the guest; see $STATE/console.log"
