#!/bin/sh
# Puts the edge's configuration into a run directory, from which start.sh starts Nginx. After a change:
#   nginx/render.sh && nginx -e stderr -p "$EDGE_RUN_DIR" -c conf/nginx.conf -s reload
#
# EDGE_LISTEN        port, or IPv4 address and port                      80   127.0.0.1:8080
# EDGE_SERVER_NAMES  names the service answers to, by commas or spaces   10.10.10.1,localhost,127.0.0.1
# EDGE_UPSTREAMS     the replicas, address:port, by commas or spaces     10.10.30.11:8000 10.10.30.12:8000
# EDGE_STAND_IN      who is asked while the only replica is drained (default: nobody)  10.10.30.12:8000
# EDGE_LIVE_UPSTREAM the live feed, address:port (default: none, 503)    10.10.30.14:8000
# EDGE_STATIC_ROOT   directory of the static files, absolute             /srv/static
# EDGE_MEDIA_ROOT    directory of the pictures that people sent, absolute  /data/media
# EDGE_DOCS_ROOT     directory of the docs as a site, absolute (default: none, 404)  /srv/docs/html
# EDGE_RUN_DIR       where Nginx may write, absolute                     /run/edge
# EDGE_ACCESS_LOG    file for the access log (default: /dev/stdout)
# EDGE_CACHE         on or off: answers to anonymous callers are used again for a second (default: on)
# EDGE_TLS_LISTEN    as EDGE_LISTEN, for HTTPS (default: none, HTTP only)  443
# EDGE_TLS_DIR       folder of edge.crt, edge.key and options, absolute  /etc/edge-tls
# EDGE_TLS_PUBLISHED port of HTTPS for a client whose port of HTTP is not 80, since both are published elsewhere
#                    (default: the port of EDGE_TLS_LISTEN)              8443
#
# HTTPS is on while edge.crt is in EDGE_TLS_DIR. `options` holds words: `redirect` sends HTTP to HTTPS, `hsts` tells
# browsers to come by HTTPS only, `tls1.3-only` refuses TLS 1.2. They are in a file and not in the environment because
# a running container's environment cannot be changed, and switching HTTPS on is to be a reload, not a new container.
#
# A replica is drained, which means that it is asked nothing more, while $EDGE_RUN_DIR/drained has a file of its name
# (10.10.30.11:8000). That takes no reload. start.sh begins with none drained.
#
# How fast one address may log in is in nginx.conf. A running edge has it otherwise while $EDGE_RUN_DIR/login_limit says
# "RATE BURST" (6 15: 6 a second, 15 beyond them at once); start.sh begins without that file.
# $EDGE_RUN_DIR/pace is likewise how many requests a second get to /healthz, the others waiting (20); none by default.
#
# A value that is missing or ill-formed is refused (exit code 2) before anything is written.
set -eu

refuse() {
    printf 'render.sh: %s\n' "$1" >&2
    exit 2
}

# check NAME VALUE PATTERN EXAMPLE: VALUE must match the whole extended regular expression PATTERN.
check() {
    [ -n "$2" ] || refuse "$1 is not set; give it a value like $4."
    # grep reads lines, so a newline is shown to it as a quote, which no pattern lets pass.
    printf '%s' "$2" | tr '\n' '"' | grep -Eqx -e "$3" ||
        refuse "$1 has the ill-formed value '$2'; give it a value like $4."
}

# "a, b" -> "a b"
words() {
    printf '%s' "$1" | tr -s ', ' ' ' | sed 's/^ //; s/ $//'
}

listen=${EDGE_LISTEN:-}
names=$(words "${EDGE_SERVER_NAMES:-}")
upstreams=$(words "${EDGE_UPSTREAMS:-}")
stand_in=${EDGE_STAND_IN:-}
live=${EDGE_LIVE_UPSTREAM:-}
static_root=${EDGE_STATIC_ROOT:-}
media_root=${EDGE_MEDIA_ROOT:-}
docs_root=${EDGE_DOCS_ROOT:-}
run_dir=${EDGE_RUN_DIR:-}
access_log=${EDGE_ACCESS_LOG:-/dev/stdout}
cache=${EDGE_CACHE:-on}
tls_listen=${EDGE_TLS_LISTEN:-}
tls_dir=${EDGE_TLS_DIR:-}
tls_published=${EDGE_TLS_PUBLISHED:-${tls_listen##*:}}

port='[1-9][0-9]{0,4}'
ipv4='[0-9]{1,3}(\.[0-9]{1,3}){3}'
host='[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?'
path='/[^"$\\]+' # what could end or change a quoted string in an Nginx file is refused

check EDGE_LISTEN "$listen" "($ipv4:)?$port" 80
check EDGE_SERVER_NAMES "$names" "\.?$host( \.?$host)*" 10.10.10.1,localhost
check EDGE_UPSTREAMS "$upstreams" "$host:$port( $host:$port)*" 10.10.30.11:8000,10.10.30.12:8000
[ -z "$stand_in" ] || check EDGE_STAND_IN "$stand_in" "$host:$port" 10.10.30.12:8000
[ -z "$live" ] || check EDGE_LIVE_UPSTREAM "$live" "$host:$port" 10.10.30.14:8000
check EDGE_STATIC_ROOT "$static_root" "$path" /srv/static
check EDGE_MEDIA_ROOT "$media_root" "$path" /data/media
[ -z "$docs_root" ] || check EDGE_DOCS_ROOT "$docs_root" "$path" /srv/docs/html
check EDGE_RUN_DIR "$run_dir" "$path" /run/edge
check EDGE_ACCESS_LOG "$access_log" "$path" /dev/stdout
check EDGE_CACHE "$cache" 'on|off' on

login_limit=''
if [ -e "$run_dir/login_limit" ]; then
    login_limit=$(cat "$run_dir/login_limit")
    check "$run_dir/login_limit" "$login_limit" '[1-9][0-9]{0,3} [1-9][0-9]{0,3}' '5 100'
fi
pace=''
if [ -e "$run_dir/pace" ]; then
    pace=$(cat "$run_dir/pace")
    check "$run_dir/pace" "$pace" '[1-9][0-9]{0,3}' 20
fi

tls_options=''
if [ -n "$tls_listen" ]; then
    check EDGE_TLS_LISTEN "$tls_listen" "($ipv4:)?$port" 443
    check EDGE_TLS_DIR "$tls_dir" "$path" /etc/edge-tls
    check EDGE_TLS_PUBLISHED "$tls_published" "$port" 8443
    [ -e "$tls_dir/edge.crt" ] || tls_listen=''
fi
if [ -n "$tls_listen" ]; then
    for file in edge.crt edge.key; do
        [ -r "$tls_dir/$file" ] || refuse "EDGE_TLS_DIR has no $file that can be read; run: make tls"
    done
    [ ! -e "$tls_dir/options" ] || tls_options=$(paste -s -d ' ' "$tls_dir/options")
    for option in $tls_options; do
        case $option in
        redirect | hsts | tls1.3-only) ;;
        *) refuse "EDGE_TLS_DIR/options has the unknown word '$option'; take it out." ;;
        esac
    done
fi

has_option() {
    case " $tls_options " in *" $1 "*) ;; *) return 1 ;; esac
}

source_dir=$(dirname "$0")
rendered=$run_dir/conf/rendered
mkdir -p "$rendered" "$run_dir/temp" 2>/dev/null ||
    refuse "EDGE_RUN_DIR $run_dir cannot be written; choose a directory of yours."
cp "$source_dir"/*.conf "$run_dir/conf/"
[ -z "$login_limit" ] || sed -i -e "s/ zone=logins:10m rate=[0-9]*r/ zone=logins:10m rate=${login_limit% *}r/" \
    -e "s/ zone=logins burst=[0-9]*/ zone=logins burst=${login_limit#* }/" "$run_dir/conf/nginx.conf"

printf 'listen %s default_server;\n' "$listen" >"$rendered/listen_default.conf"
printf 'listen %s;\n' "$listen" >"$rendered/listen.conf"
printf 'alias "%s/";\n' "${static_root%/}" >"$rendered/static_root.conf"
printf 'alias "%s/";\n' "${media_root%/}" >"$rendered/media_root.conf"
printf 'return 404;\n' >"$rendered/docs_root.conf"
[ -z "$docs_root" ] || printf 'alias "%s/";\n' "${docs_root%/}" >"$rendered/docs_root.conf"
printf 'access_log "%s" edge_json;\n' "$access_log" >"$rendered/access_log.conf"
[ "$cache" = off ] || cache=answers
printf 'proxy_cache %s;\n' "$cache" >"$rendered/cache.conf"

: >"$rendered/pace.conf"
# shellcheck disable=SC2016 # Nginx's variables, not the shell's
[ -z "$pace" ] || printf '%s\n' 'map $uri $edge_paced { default ""; /healthz all; }' \
    "limit_req_zone \$edge_paced zone=pace:64k rate=${pace}r/s;" 'limit_req zone=pace burst=2000;' >"$rendered/pace.conf"

# localhost always has the door open: the health check knocks there. A name given twice would be a warning.
# shellcheck disable=SC2086 # the words are meant to be split
printf '%s\n' localhost 127.0.0.1 $names | sort -u | paste -s -d ' ' - |
    sed 's/.*/server_name &;/' >"$rendered/server_name.conf"
# A replica that failed twice within 5 s is left alone for 5 s; as a backup it is never left alone.
servers() {
    printf 'server %s max_fails=2 fail_timeout=5s;\n' "$@"
    printf 'server %s backup max_fails=0;\n' "$@"
}
# shellcheck disable=SC2086
servers $upstreams >"$rendered/upstream_servers.conf"

# others REPLICA: who is asked while it is drained; itself if there is nobody else.
others() {
    # shellcheck disable=SC2086
    rest=$(printf '%s\n' $upstreams | grep -Fvx -e "$1" | paste -s -d ' ' -)
    printf '%s' "${rest:-${stand_in:-$1}}"
}
mkdir -p "$run_dir/drained"
: >"$rendered/pools_without.conf"
# shellcheck disable=SC2016 # Nginx's variable, not the shell's
printf 'set $edge_pool app;\n' >"$rendered/pool_choice.conf"
number=0
for upstream in $upstreams; do
    number=$((number + 1))
    pool=app_without_$number
    # shellcheck disable=SC2046 # a word each
    printf 'upstream %s {\nzone %s 64k;\n%s\ninclude pool.conf;\n}\n' "$pool" "$pool" "$(servers $(others "$upstream"))" \
        >>"$rendered/pools_without.conf"
    # shellcheck disable=SC2016
    printf 'if (-f "%s/drained/%s") { set $edge_pool %s; }\n' "$run_dir" "$upstream" "$pool" \
        >>"$rendered/pool_choice.conf"
done

: >"$rendered/live_upstream.conf"
printf 'return 503;\n' >"$rendered/live.conf"
if [ -n "$live" ]; then
    printf 'upstream live { server %s; }\n' "$live" >"$rendered/live_upstream.conf"
    printf 'include live.conf;\n' >"$rendered/live.conf"
fi

: >"$rendered/tls.conf"
: >"$rendered/redirect.conf"
: >"$rendered/hsts.conf"
[ -n "$tls_listen" ] || exit 0

# --- HTTPS is on

# HTTP/2 is a word of `listen` up to Nginx 1.25.0; later ones have a directive for it and complain of the word.
version=$(PATH=$PATH:/usr/sbin nginx -v 2>&1 | sed 's|.*nginx/||; s|[^0-9.].*||')
http2_word=' http2' http2_line=''
if [ "$(printf '%s\n' 1.25.1 "$version" | sort -V | head -n 1)" = 1.25.1 ]; then
    http2_word='' http2_line='http2 on;'
fi

# colon_port PORT: as it stands in an address, where 443 goes without saying.
colon_port() {
    [ "$1" = 443 ] || printf ':%s' "$1"
}

printf 'include tls.conf;\n' >"$rendered/tls.conf"
printf 'listen %s ssl%s default_server;\n%s\n' "$tls_listen" "$http2_word" "$http2_line" \
    >"$rendered/listen_tls_default.conf"
printf 'listen %s ssl%s;\n%s\n' "$tls_listen" "$http2_word" "$http2_line" >"$rendered/listen_tls.conf"
cat "$rendered/listen_tls.conf" >>"$rendered/listen.conf"
printf 'ssl_certificate "%s/edge.crt";\nssl_certificate_key "%s/edge.key";\n' "$tls_dir" "$tls_dir" \
    >"$rendered/certificate.conf"
printf '"" "%s";\ndefault "%s";\n' "$(colon_port "${tls_listen##*:}")" "$(colon_port "$tls_published")" \
    >"$rendered/https_port.conf"

protocols='TLSv1.2 TLSv1.3'
! has_option tls1.3-only || protocols=TLSv1.3
printf 'ssl_protocols %s;\n' "$protocols" >"$rendered/protocols.conf"
! has_option redirect || printf 'include redirect.conf;\n' >"$rendered/redirect.conf"
! has_option hsts || printf 'https "max-age=3600";\n' >"$rendered/hsts.conf"
