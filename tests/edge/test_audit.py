"""The audit of a real Nginx before the real application: in order as shipped, and with weaknesses planted.

All are planted at once, since an audit of the edge takes seconds; each must be found by the check meant.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from benchmarks.site import free_ports
from lab import paths
from lab.audit import http, nginx, tls
from lab.audit.door import Door
from lab.audit.http import asking
from lab.audit.model import Family, Level, Verdict
from lab.audit.nginx import evidence as nginx_evidence
from lab.audit.stage import Secure
from lab.audit.tls import evidence as tls_evidence
from lab.dev import programs
from lab.dev.supervisor import Supervisor
from lab.tls import authority
from tests.edge.conftest import Site

# Of authorities in the lists that come with sslyze.
pytestmark = pytest.mark.filterwarnings("ignore:Parsed a serial number")

NAME = "localhost"
READY = "location = /readyz {"
IGNORING = "proxy_ignore_headers Cache-Control Vary Set-Cookie;"
ANY_CIPHER = "ECDHE-RSA-CHACHA20-POLY1305:ALL:@SECLEVEL=0;"
# File, what stands there, what stands there instead, and the checks that must find it.
PLANTS = [
    ("nginx.conf", "style-src 'self' 'unsafe-inline'", "script-src 'unsafe-inline'", "HTTP-CSP"),
    ("nginx.conf", "base-uri 'none'; ", "", "HTTP-CSP-BASE"),
    ("nginx.conf", "frame-ancestors 'none'", "frame-ancestors *", "HTTP-FRAMES"),
    ("nginx.conf", "add_header X-Content-Type-Options nosniff always;", "", "HTTP-SNIFF"),
    ("nginx.conf", "add_header Referrer-Policy same-origin always;", "", "HTTP-REFERRER"),
    ("nginx.conf", "Cross-Origin-Resource-Policy same-origin always", "X-Kept yes", "HTTP-CORP"),
    ("nginx.conf", "add_header X-Cache", "add_header Access-Control-Allow-Origin *; add_header X-Cache",
     "HTTP-CORS"),
    ("nginx.conf", "server_tokens off", "server_tokens on",
     "HTTP-VERSION NGINX-TOKENS NGINX-GIXY-LOW"),
    ("nginx.conf", "        return 444;", "        return 200 hello;",
     "HTTP-HOST NGINX-DEFAULT"),
    ("nginx.conf", "location /static/ {", "location /static { autoindex on;",
     "HTTP-TRAVERSAL HTTP-LISTING NGINX-ALIAS NGINX-LISTING NGINX-GIXY-HIGH"),
    ("nginx.conf", "location /media/ {\n            internal;", "location /media/ {",
     "HTTP-MEDIA NGINX-MEDIA"),
    ("nginx.conf", "default $request_id;", "default $http_x_request_id;", "HTTP-REQUEST-ID"),
    ("nginx.conf", "proxy_no_cache $edge_somebody;", "", "HTTP-CACHE NGINX-CACHE"),
    ("nginx.conf", "proxy_cache_bypass $edge_somebody;", "", "HTTP-CACHE"),
    ("nginx.conf", "proxy_cache_valid 200 1s;", f"proxy_cache_valid 200 1m; {IGNORING}", "HTTP-CACHE"),
    ("nginx.conf", READY, f'location = /.env {{ return 200 "SECRET_KEY=a"; }} {READY}', "HTTP-FILES"),
    ("nginx.conf", "limit_conn in_progress 2000;", "", "NGINX-CONNECTIONS"),
    ("nginx.conf", '"POST /admin/login/" $binary_remote_addr;', "", "NGINX-GUESSES"),
    ("nginx.conf", "limit_req_status 429;", "", "NGINX-429"),
    ("nginx.conf", "client_header_timeout 10s;", "client_header_timeout 10m;", "NGINX-TIMEOUTS"),
    ("nginx.conf", "client_max_body_size 6m;", "client_max_body_size 0;", "NGINX-BODY"),
    ("nginx.conf", '"uri": "$edge_logged_uri"', '"uri": "$request_uri"', "NGINX-LOG"),
    ("forwarded.conf", "X-Forwarded-For $remote_addr", "X-Forwarded-For $http_x_forwarded_for",
     "HTTP-FORWARDED NGINX-FORWARDED"),
    ("forwarded.conf", "X-Forwarded-Proto $scheme", "X-Forwarded-Proto http", "HTTP-COOKIE-SECURE"),
    ("proxy.conf", "error timeout http_502", "error timeout non_idempotent http_502", "NGINX-REPEAT"),
    ("tls.conf", "ssl_reject_handshake on;", "", "HTTP-SNI"),
    ("tls.conf", "ssl_session_tickets off;", "ssl_early_data on;", "TLS-EARLY-DATA NGINX-TICKETS"),
    ("tls.conf", "ECDHE-RSA-CHACHA20-POLY1305;", ANY_CIPHER, "TLS-CIPHERS"),
    ("tls.conf", "X25519:prime256v1:secp384r1", "X25519:secp521r1:prime256v1", "TLS-EXCHANGE"),
    ("render.sh", "'TLSv1.2 TLSv1.3'", "'TLSv1 TLSv1.1 TLSv1.2 TLSv1.3'", "TLS-VERSIONS"),
]  # fmt: skip
ELSEWHERE = {
    "HTTP-DEBUG",
    "TLS-LIFE",
    "TLS-NAMES",
    "TLS-CHAIN",
}  # planted in the application and the certificate


@dataclass(frozen=True)
class Audited:
    """An Nginx and where it answers; `dump` is its configuration as it prints it."""

    plain: Door
    secure: Secure
    dump: str


def source(directory: Path, plants: list[tuple[str, str, str, str]]) -> Path:
    """A copy of the configuration with these texts replaced."""
    shutil.copytree(paths.ROOT / "nginx", directory)
    for name, before, after, _ in plants:
        text = (directory / name).read_text()
        assert before in text, f"{name} has no {before}"
        (directory / name).write_text(text.replace(before, after))
    return directory


def certify(directory: Path, name: str, life: timedelta, *, by_another: bool) -> Path:
    """A certificate for the edge, and the authority to trust."""
    now = authority.utc_now()
    trusted = authority.make_authority([name], now)
    signer = authority.make_authority([name], now) if by_another else trusted
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(authority, "EDGE_LIFE", life)
        pair = authority.issue(signer, [name], now)
    directory.mkdir()
    (directory / "edge.crt").write_bytes(pair.certificate_pem)
    (directory / "edge.key").write_bytes(pair.key_pem)
    (directory / "ca.crt").write_bytes(trusted.certificate_pem)
    return directory / "ca.crt"


def start(supervisor: Supervisor, site: Site, configuration: Path, upstreams: list[int], ca: Path) -> Audited:
    """Nginx with that configuration, over HTTP and HTTPS."""
    port, tls_port = free_ports(2)
    run = configuration / "run"
    static, media = site.directory / "static", configuration / "media"
    (media / "tickets").mkdir(parents=True)
    (media / "tickets/1.png").write_bytes(b"a picture")
    program = programs.edge(port, upstreams, static, media, run, configuration / "log", docs=site.docs)
    secure = {
        "EDGE_TLS_LISTEN": f"127.0.0.1:{tls_port}",
        "EDGE_TLS_DIR": str(ca.parent),
        "EDGE_TLS_PUBLISHED": str(tls_port),
    }
    supervisor.start(
        replace(
            program,
            argv=[str(configuration / "start.sh")],
            environment={**program.environment, **secure},
        )
    )
    supervisor.wait_until_ready()
    argv = ["nginx", "-T", "-q", "-e", "stderr", "-p", str(run), "-c", "conf/nginx.conf"]
    path = {"PATH": "/usr/sbin:/usr/bin:/bin"}
    dump = subprocess.run(argv, env=path, check=True, capture_output=True, text=True).stdout
    door = Door("127.0.0.1", tls_port, NAME, tls=True)
    return Audited(Door("127.0.0.1", port, NAME), Secure(door, ca, True), dump)


@pytest.fixture(scope="module")
def shipped(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Audited]:
    """The configuration as it is, before the shared site's replicas."""
    directory = tmp_path_factory.mktemp("shipped")
    ca = certify(directory / "tls", NAME, authority.EDGE_LIFE, by_another=False)
    with Supervisor() as supervisor:
        yield start(supervisor, site, source(directory / "nginx", []), list(site.replicas), ca)


@pytest.fixture(scope="module")
def planted(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Audited]:
    """Every weakness there is, before a replica with DEBUG on."""
    directory = tmp_path_factory.mktemp("planted")
    ca = certify(directory / "tls", "elsewhere.example", timedelta(days=700), by_another=True)
    with Supervisor() as supervisor:
        (port,) = free_ports(1)
        supervisor.start(programs.app(port, debugging(site), directory / "app.log"))
        yield start(supervisor, site, source(directory / "nginx", PLANTS), [port], ca)


def debugging(site: Site) -> Mapping[str, str]:
    """The environment of a replica of the site's with DEBUG on."""
    return {
        "DJANGO_SETTINGS_MODULE": "drf_jwt_backend.settings",
        "DEBUG": "true",
        "SECRET_KEY": "of this test alone, and so nothing to be kept secret",
        "DATABASE_URL": f"sqlite:///{site.directory / 'db.sqlite3'}",
        "NUM_PROXIES": "1",
        "STATIC_ROOT": str(site.directory / "static"),
        "MEDIA_ROOT": str(site.directory / "media"),
    }


def audit(site: Site, audited: Audited) -> set[str]:
    """The ids of the checks of all three families that did not pass, and are above INFO."""
    password = site.users()["student1"]
    outcomes = []
    gathered: list[tuple[Family[Any], Any]] = [
        (
            http.FAMILY,
            asking.collect(audited.plain, audited.secure.door, "student1", password, offered=True),
        ),
        (tls.FAMILY, tls_evidence.scan(audited.secure, [NAME])),
        (nginx.FAMILY, nginx_evidence.read(audited.dump)),
    ]
    for family, evidence in gathered:
        outcomes += family.judge(evidence)
    assert [one for one in outcomes if one.verdict is Verdict.UNMEASURED] == []
    return {
        one.check.id for one in outcomes if one.verdict is Verdict.FAILED and one.check.level > Level.INFO
    }


def test_the_edge_as_shipped_passes(site: Site, shipped: Audited) -> None:
    assert audit(site, shipped) == set()


def test_every_planted_weakness_is_found(site: Site, planted: Audited) -> None:
    assert audit(site, planted) == ELSEWHERE | {check for *_, checks in PLANTS for check in checks.split()}
