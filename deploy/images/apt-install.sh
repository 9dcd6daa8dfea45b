#!/bin/sh
# apt-install NAME…: distribution packages into an image, without the lists and logs that apt leaves behind.
set -eu
apt-get -q update
apt-get -q install -y --no-install-recommends "$@"
rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log
