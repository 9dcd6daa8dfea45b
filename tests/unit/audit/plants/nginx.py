"""The checkout's own configuration of Nginx as `nginx -T` prints it, and with one line of it otherwise."""

from __future__ import annotations

from lab import paths
from lab.audit.nginx.evidence import read
from tests.unit.audit.planting import Plant

RUN = "/run/edge/conf"
# What nginx/render.sh writes when HTTPS is on; the first two files are not ours.
RENDERED = {
    "access_log.conf": 'access_log "/dev/stdout" edge_json;',
    "cache.conf": "proxy_cache answers;",
    "certificate.conf": "ssl_certificate /etc/edge-tls/edge.crt;",
    "hsts.conf": "",
    "https_port.conf": '"" ""; default ":8443";',
    "listen.conf": "listen 80;\nlisten 443 ssl;\nhttp2 on;",
    "listen_default.conf": "listen 80 default_server;",
    "listen_tls.conf": "listen 443 ssl;\nhttp2 on;",
    "listen_tls_default.conf": "listen 443 ssl default_server;\nhttp2 on;",
    "live.conf": "include live.conf;",
    "live_upstream.conf": "upstream live { server 10.10.30.14:8000; }",
    "media_root.conf": 'alias "/data/media/";',
    "pool_choice.conf": "set $edge_pool app; if (-f /run/drained/app1) { set $edge_pool app_without_1; }",
    "pools_without.conf": "upstream app_without_1 { server 10.10.30.12:8000; include pool.conf; }",
    "protocols.conf": "ssl_protocols TLSv1.2 TLSv1.3;",
    "redirect.conf": "include redirect.conf;",
    "server_name.conf": "server_name 10.10.10.1 127.0.0.1 localhost;",
    "static_root.conf": 'alias "/srv/static/";',
    "tls.conf": "include tls.conf;",
    "upstream_servers.conf": "server 10.10.30.11:8000;\nserver 10.10.30.12:8000;",
}


def dump() -> str:
    """Every file, the main one first."""
    own = sorted((paths.ROOT / "nginx").glob("*.conf"), key=lambda path: path.name != "nginx.conf")
    files = {f"{RUN}/{path.name}": path.read_text() for path in own}
    files |= {f"{RUN}/rendered/{name}": text + "\n" for name, text in RENDERED.items()}
    files["/etc/nginx/mime.types"] = "types { text/html html; }\n"
    return "\n".join(f"# configuration file {name}:\n{text}" for name, text in files.items())


TEXT = dump()
CLEAN = read(TEXT)


def plant(check: str, before: str, after: str, where: str, *also: str) -> Plant:
    """The configuration with a text in it replaced, where it stands first."""
    assert before in TEXT, before
    return Plant(check, after or f"no {before}", read(TEXT.replace(before, after, 1)), where, also)


CACHED = "location ~ ^/api/(stats|departments|schema)/$"
NO_ADDRESS = "limit_conn_zone $server_name zone=in_progress"
IN_STATIC = "location /static/ {"
IN_APP = "location / {"
PLANTS = [
    plant("NGINX-GIXY-HIGH", "return 307 https://$host", "return 307 https://$host$uri", "redirect.conf"),
    plant("NGINX-GIXY-MEDIUM", "worker_rlimit_nofile 20000", "worker_rlimit_nofile 1024", "nginx.conf"),
    plant("NGINX-GIXY-LOW", "keepalive_requests 100000", "keepalive_requests 10", "nginx.conf"),
    plant("NGINX-GIXY-INFO", "map $uri $edge_policy {", "map $URI $edge_policy {", "nginx.conf"),
    plant("NGINX-TOKENS", "server_tokens off;", "", "nginx.conf", "NGINX-GIXY-LOW"),
    plant("NGINX-TOKENS", "server_tokens off;", "server_tokens on;", "nginx.conf", "NGINX-GIXY-LOW"),
    plant("NGINX-LISTING", IN_STATIC, f"{IN_STATIC} autoindex on;", "nginx.conf"),
    plant("NGINX-ALIAS", IN_STATIC, "location /static {", "/static", "NGINX-GIXY-HIGH"),
    plant("NGINX-MEDIA", "location /media/ {\n            internal;", "location /media/ {", "/media/"),
    plant("NGINX-DEFAULT", "80 default_server", "80", "port 80", "NGINX-GIXY-MEDIUM"),
    plant("NGINX-DEFAULT", "        return 444;", "        return 404;", "port 80"),
    plant("NGINX-FORWARDED", "X-Forwarded-For $remote_addr", "X-Forwarded-For $http_x_forwarded_for",
          "forwarded.conf"),
    plant("NGINX-FORWARDED", "Host $host$client_port", "Host $http_host", "forwarded.conf",
          "NGINX-GIXY-HIGH"),
    plant("NGINX-FORWARDED", "include proxy.conf;", "", "location /"),
    plant("NGINX-LOG", '"uri": "$edge_logged_uri"', '"uri": "$request_uri"', "edge_json"),
    plant("NGINX-REPEAT", "error timeout http_502 http_503", "error timeout non_idempotent", "proxy.conf"),
    plant("NGINX-CACHE", "proxy_no_cache $edge_somebody;", "", CACHED),
    plant("NGINX-TICKETS", "ssl_session_tickets off;", "", "tls.conf"),
    plant("NGINX-TIMEOUTS", "client_header_timeout 10s;", "", "nginx.conf"),
    plant("NGINX-TIMEOUTS", "client_body_timeout 10s;", "client_body_timeout 5m;", "nginx.conf"),
    plant("NGINX-BODY", "client_max_body_size 6m;", "client_max_body_size 0;", "nginx.conf"),
    plant("NGINX-BODY", IN_APP, f"{IN_APP} client_max_body_size 1g;", "nginx.conf"),
    plant("NGINX-CONNECTIONS", "limit_conn in_progress 2000;", "", "http"),
    plant("NGINX-CONNECTIONS", "limit_conn in_progress 2000;", "limit_conn in_progress 8000;", "nginx.conf"),
    plant("NGINX-CONNECTIONS", "limit_conn_zone $binary_remote_addr zone=in_progress", NO_ADDRESS, "http"),
    plant("NGINX-GUESSES", '"POST /admin/login/" $binary_remote_addr;', "", "POST /admin/login/"),
    plant("NGINX-429", "limit_conn_status 429;", "", "nginx.conf"),
]  # fmt: skip
