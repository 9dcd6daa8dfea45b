#!/bin/sh
# apt-install NAME…: distribution packages into an image, without what differs from one day to the next: lists, logs,
# the copies that were kept of changed files, and the loader's own notes.
set -eu
# Users that packages make get this as the day of their password's last change.
SOURCE_DATE_EPOCH=1735689600
export SOURCE_DATE_EPOCH
apt-get -q update
apt-get -q install -y --no-install-recommends "$@"
rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/*.log /var/cache/ldconfig/aux-cache \
    /var/cache/debconf/*-old /var/lib/dpkg/*-old /etc/passwd- /etc/group- /etc/shadow- /etc/gshadow-
