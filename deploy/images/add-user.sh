#!/bin/sh
# add-user NAME UID: the user that a host's program runs as: without a home, a shell, or a password.
set -eu
SOURCE_DATE_EPOCH=1735689600 useradd --uid "$2" --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$1"
rm -f /etc/passwd- /etc/group- /etc/shadow- /etc/gshadow-
