"""The audit of the real application, as shipped and with holes in it; and of an Nginx by rude clients."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.site import free_ports
from lab import paths
from lab.audit import api, django, limits
from lab.audit.api import evidence as api_evidence
from lab.audit.django import evidence as django_evidence
from lab.audit.door import Door
from lab.audit.limits import evidence as limits_evidence
from lab.audit.limits import probe
from lab.audit.model import Level, Outcome, Verdict
from lab.dev import programs
from lab.dev.supervisor import Supervisor
from tests.edge.conftest import Site, serving_site
from tests.edge.test_audit import source
from tests.unit.audit.plants import api as api_plants
from tests.unit.audit.plants import limits as limits_plants

FILINGS = 3  # the site's THROTTLE_FILE_TICKET
# What the notifier does is asked on a host of the lab; the notifier's own tests plant weaknesses there.
WEBHOOKS = {"inside": api_plants.CLEAN.webhooks, "rogues": api_plants.CLEAN.rogues}
RUDE = [
    ("nginx.conf", "limit_req zone=logins burst=100 nodelay;", "", "LIMIT-LOGIN"),
    ("nginx.conf", "limit_conn in_progress 2000;", "", "LIMIT-CONNECTIONS"),
    ("nginx.conf", "client_header_timeout 10s;", "client_header_timeout 60s;", "LIMIT-HEADER LIMIT-IDLE"),
    ("nginx.conf", "client_body_timeout 10s;", "client_body_timeout 60s;", "LIMIT-BODY"),
    ("nginx.conf", "client_max_body_size 6m;", "client_max_body_size 0;", "LIMIT-SIZE LIMIT-CHUNKED"),
    ("nginx.conf", "large_client_header_buffers 4 8k;", "large_client_header_buffers 32 64k;",
     "LIMIT-HEADERS"),  # the app refuses a long address, too
]  # fmt: skip
HOLES = {
    "API1-OBJECTS",
    "API2-LIFETIME",
    "API3-CHANGING",
    "API3-SHOWN",
    "API3-STAFF",
    "API4-ROWS",
    "API5-ADMIN",
    "API6-FLOW",
}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site whose throttles the audit may exhaust."""
    with serving_site(tmp_path_factory.mktemp("audited")) as started:
        yield started


def failed(outcomes: list[Outcome]) -> set[str]:
    """The ids of those that failed, above INFO; nothing may be unmeasured."""
    assert [(one.check.id, one.reason) for one in outcomes if one.verdict is Verdict.UNMEASURED] == []
    return {
        one.check.id for one in outcomes if one.verdict is Verdict.FAILED and one.check.level > Level.INFO
    }


def audited_api(port: int, site: Site) -> set[str]:
    door = Door("127.0.0.1", port, "localhost")
    evidence = api_evidence.collect(door, site.users(), FILINGS, lambda: WEBHOOKS)
    return failed(api.FAMILY.judge(evidence))


def test_the_api_as_shipped_passes(own: Site) -> None:
    before = tickets(own)
    assert audited_api(own.port, own) == set()
    assert tickets(own) == before


def test_each_hole_in_the_api_is_found(own: Site, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    program = programs.app(port, environment(own), tmp_path / "app.log")
    # Without an Nginx before it, what a client says of its address is believed.
    weak = replace(
        program,
        argv=[*program.argv[:-1], "weak:application"],
        environment={**program.environment, "PYTHONPATH": str(Path(__file__).parent)},
    )
    with Supervisor() as supervisor:
        supervisor.start(weak)
        supervisor.wait_until_ready()
        assert audited_api(port, own) == HOLES


def test_django_as_shipped_passes(own: Site) -> None:
    assert failed(django.FAMILY.judge(asked(environment(own)))) == set()


def test_each_hole_in_the_settings_is_found(own: Site) -> None:
    weak = {
        "DEBUG": "true",
        "SECRET_KEY": "change-me-before-anybody-else-reads-this",
        "ALLOWED_HOSTS": "*",
        "NUM_PROXIES": "0",
    }
    found = failed(django.FAMILY.judge(asked({**environment(own), **weak})))
    assert found == {"DJANGO-DEPLOY", "DJANGO-DEBUG", "DJANGO-KEY", "DJANGO-HOSTS", "DJANGO-PROXIES"}


def test_rude_clients_are_bounded_as_shipped(own: Site) -> None:
    assert rude(own.port) == set()


def test_each_lack_of_a_limit_is_found(own: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "PATIENCE", 13.0)
    with edge(own, tmp_path, RUDE) as port:
        assert rude(port) == {check for *_, checks in RUDE for check in checks.split()}


def test_an_app_that_waits_for_slow_bodies_is_found(
    own: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "PATIENCE", 3.0)
    plant = (
        "proxy.conf",
        "proxy_http_version 1.1;",
        "proxy_http_version 1.1; proxy_request_buffering off;",
        "",
    )
    with edge(own, tmp_path, [plant]) as port:
        status = probe.beside_slow_bodies(probe.Server("127.0.0.1", port, "localhost"))
    seen = dataclasses.replace(limits_plants.SEEN, beside_slow_bodies=status)
    assert failed(limits.FAMILY.judge(limits_evidence.Evidence(seen, limits_plants.RULES))) == {
        "LIMIT-BUFFER"
    }


def rude(port: int) -> set[str]:
    seen = probe.run(probe.Server("127.0.0.1", port, "localhost"), FILINGS)
    return failed(limits.FAMILY.judge(limits_evidence.Evidence(seen, limits_plants.RULES)))


@contextmanager
def edge(site: Site, directory: Path, plants: list[tuple[str, str, str, str]]) -> Iterator[int]:
    """An Nginx with these weaknesses before the site's replicas, and its port."""
    (port,) = free_ports(1)
    configuration = source(directory / "nginx", plants)
    static, media = site.directory / "static", site.directory / "media"
    program = programs.edge(port, list(site.replicas), static, media, directory / "run", directory / "log")
    with Supervisor() as supervisor:
        supervisor.start(replace(program, argv=[str(configuration / "start.sh")]))
        supervisor.wait_until_ready()
        yield port


def environment(site: Site) -> Mapping[str, str]:
    """That of a replica of the site's."""
    state = site.directory
    return {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "drf_jwt_backend.settings",
        "SECRET_KEY_FILE": str(state / "secret_key"),
        "DATABASE_URL": f"sqlite:///{state / 'db.sqlite3'}",
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "NUM_PROXIES": "1",
        "STATIC_ROOT": str(state / "static"),
        "MEDIA_ROOT": str(state / "media"),
        "THROTTLE_FILE_TICKET": f"{FILINGS}/min",
    }


def asked(environment: Mapping[str, str]) -> django_evidence.Evidence:
    """What Django says of these settings."""
    given = dict(environment)
    if "SECRET_KEY" in given:
        del given["SECRET_KEY_FILE"]

    def manage(*words: str) -> str:
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(
            command, cwd=paths.ROOT / "app", env=given, capture_output=True, text=True, check=False
        )
        return done.stdout + done.stderr

    return django_evidence.Evidence(
        manage("check", "--deploy"), django_evidence.parsed(manage("diffsettings", "--all"))
    )


def tickets(site: Site) -> int:
    """How many the site has."""
    count: int = site.ask("/api/stats/").json["tickets"]
    return count
