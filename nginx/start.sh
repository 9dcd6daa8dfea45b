#!/bin/sh
# Renders the configuration and becomes Nginx, in the foreground. The settings are those of render.sh.
set -eu

rm -f "$EDGE_RUN_DIR/login_limit" "$EDGE_RUN_DIR/pace" # what was changed for a while ends with the edge's life
"$(dirname "$0")/render.sh"
rm -f "$EDGE_RUN_DIR"/drained/* # what an earlier life left drained is asked again

PATH=$PATH:/usr/sbin # where Debian has nginx, and where an ordinary user's PATH does not lead
directives='daemon off;'
# Started by root (`make dev` in a root shell), Nginx would hand its workers to `nobody`, who may not read the files.
[ "$(id -u)" -ne 0 ] || directives="$directives user root;"
exec nginx -e stderr -p "$EDGE_RUN_DIR" -c conf/nginx.conf -g "$directives"
