#!/bin/sh
# Brings the lab onto a VM from a bundle (make bundle), with the network cable out.
#
#   ./install [FOLDER]              in an unpacked bundle: the lab into FOLDER (default: ticketlab, here)
#   deploy/bundle/install.sh FILE   from a bundle into this checkout, which is of the same commit
#
# Every part is looked at before anything is changed. If a later step fails, what was put into the folder is
# taken away again; distribution packages and images that got in by then stay, and do no harm.
set -eu
FORMAT=1

say() { printf '▸ %s\n' "$*" >&2; }
die() {
    printf 'ticketlab: %s\n' "$*" >&2
    exit 1
}

made=''     # what to take away if this fails
unpacked='' # what to take away in any case
finish() {
    code=$?
    [ -z "$unpacked" ] || rm -rf "$unpacked"
    [ "$code" -eq 0 ] || [ -z "$made" ] || rm -rf "$made"
    exit "$code"
}
trap finish EXIT
trap 'exit 130' INT TERM

about() { sed -n "s/^$1=//p" "$bundle/about"; }

# must_have_room FOLDER MEGABYTES
must_have_room() {
    free=$(df -Pm "$1" | awk 'NR == 2 { print $4 }')
    [ "$free" -ge "$2" ] || die "$1 has $free MB free, and this bundle needs $2; make room, then run this again"
}

unpack() { # FILE
    [ -f "$1" ] || die "there is no bundle '$1'; say where it is: make install-bundle BUNDLE=file"
    bundle=$folder/.lab/bundle
    unpacked=$bundle
    rm -rf "$bundle" && mkdir -p "$bundle"
    must_have_room "$bundle" $(($(wc -c <"$1") / 1000000 + 1))
    tar -xf "$1" -C "$bundle" --strip-components 1 2>/dev/null || die "$1 is cut off or no bundle; copy it again"
}

verify() {
    { [ -f "$bundle/about" ] && [ -f "$bundle/SHA256SUMS" ]; } || die "this is no bundle, or not all of it; copy it again"
    [ "$(about FORMAT)" = $FORMAT ] || die "the bundle is of format '$(about FORMAT)', and this script knows $FORMAT; use the one in the bundle"
    [ "$(about ARCH)" = "$(uname -m)" ] || die "the bundle is for $(about ARCH), and this VM is $(uname -m); make bundle on a VM of its kind"
    say "looking whether the bundle is whole"
    [ "$(wc -l <"$bundle/SHA256SUMS")" -eq "$(about PARTS)" ] || die "SHA256SUMS does not list the bundle's $(about PARTS) parts; copy it again"
    bad=$(cd "$bundle" && { sha256sum -c SHA256SUMS 2>/dev/null || true; } | grep -v ': OK$' | head -n 1 | cut -d: -f1)
    [ -z "$bad" ] || die "the bundle's $bad is damaged or missing; copy it again"
}

must_fit() {
    must_have_room "$(nearest "$folder")" "$(about NEEDS_MB)"
    must_have_room "$(nearest /var/lib/docker)" "$(about NEEDS_MB)"
    if command -v python3 >/dev/null; then
        here=$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        [ "$here" = "$(about PYTHON)" ] || die "python3 here is $here, and the bundle's packages are for $(about PYTHON); make bundle on a VM like this one"
    fi
    lacks=$(lacking)
    [ -n "$lacks" ] || return 0
    # shellcheck disable=SC1091
    distribution=$(. /etc/os-release && echo "$ID $VERSION_ID")
    [ "$distribution" = "$(about DISTRIBUTION)" ] ||
        die "this VM lacks$lacks, and the bundle has them for $(about DISTRIBUTION), not $distribution; install them, or make bundle on a VM like this one"
}

# What the bundle's packages would have to bring.
lacking() {
    for tool in make python3 dockerd iptables; do
        command -v $tool >/dev/null || [ -x /usr/sbin/$tool ] || printf ' %s' $tool
    done
    command -v docker-compose >/dev/null || docker compose version >/dev/null 2>&1 || printf ' docker-compose'
    python3 -c 'import ensurepip, venv' 2>/dev/null || printf ' python3-venv'
}

# The folder, or of those above it the nearest that is there.
nearest() {
    there=$1
    until [ -d "$there" ]; do there=$(dirname "$there"); done
    echo "$there"
}

same_commit() {
    [ -e "$folder/.git" ] || return 0
    here=$(git -C "$folder" rev-parse HEAD)
    [ "$here" = "$(about COMMIT)" ] ||
        die "this checkout is at $here, and the bundle is of $(about COMMIT); git checkout that, or unpack the bundle (tar xf) and run its ./install"
}

extract() { # PART FOLDER
    tar -xzf "$bundle/$1" -C "$2" 2>/dev/null || die "the bundle's $1 cannot be unpacked into $2; is the disk full? (df -h)"
}

# What bootstrap.sh finds in .lab/offline from now on.
put_packages() {
    offline=$folder/.lab/offline
    rm -rf "$offline.new" && mkdir -p "$offline.new/uv"
    extract python.tar.gz "$offline.new/uv"
    cp -R "$bundle/wheels" "$bundle/debs" "$offline.new"
    mkdir -p "$offline.new/debs/lists/partial"
    # APT takes these packages unsigned: their sums were right just now, and it is the bundle that is trusted.
    printf 'deb [trusted=yes] file:%s ./\n' "$(printf '%s' "$offline/debs" | sed 's/ /%20/g')" >"$offline.new/debs/apt.list"
    cat >"$offline.new/debs/apt.conf" <<END
Dir::Etc::SourceList "$offline/debs/apt.list";
Dir::Etc::SourceParts "/dev/null";
Dir::State::Lists "$offline/debs/lists";
APT::Sandbox::User "root";
END
    rm -rf "$offline" && mv "$offline.new" "$offline"
    if [ -f "$bundle/docs.tar.gz" ]; then
        rm -rf "$folder/.lab/docs" && mkdir -p "$folder/.lab/docs"
        extract docs.tar.gz "$folder/.lab/docs"
    fi
}

case ${0##*/} in
install)
    bundle=$(cd "$(dirname "$0")" && pwd)
    folder=$(realpath -m "${1:-ticketlab}")
    [ -z "$(ls -A "$folder" 2>/dev/null)" ] || die "there is something in $folder already; name another folder: ./install FOLDER"
    verify
    must_fit
    made=$folder
    mkdir -p "$folder"
    extract tree.tar.gz "$folder"
    ;;
*)
    folder=$(cd "$(dirname "$0")/../.." && pwd)
    unpack "${1:-}"
    verify
    same_commit
    must_fit
    made=$folder/.lab/offline.new
    [ -e "$folder/.lab/offline" ] || made=$folder/.lab/offline
    ;;
esac
put_packages
cd "$folder"
deploy/bootstrap.sh packages make python3 python3-venv ca-certificates
deploy/bootstrap.sh python lab
deploy/bootstrap.sh engine
.venv/bin/lab load-images "$bundle/images.tar.gz" "$(about IMAGES)"
say "the lab is in $folder, and needs no network from here on: cd $folder && make up"
