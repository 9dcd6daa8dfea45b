"""The real app behind the real edge."""

from __future__ import annotations

import stat

import pytest

from lab.dev import DevPorts, check_ports
from lab.errors import LabError
from tests.edge.callers import logged_in, post
from tests.edge.client import Answer, Edge
from tests.edge.conftest import Site


def list_as(username: str, site: Site) -> Answer:
    return site.ask("/api/tickets/", headers=logged_in(site, username))


def test_the_agents_divide_the_tickets_between_them(site: Site) -> None:
    everything, *shares = [list_as(user, site).json["count"] for user in ("instructor", "agent1", "agent2")]
    assert sum(shares) == everything
    assert min(shares) > 500


def test_log_in_and_list_the_tickets(site: Site) -> None:
    listing = list_as("instructor", site)
    assert listing.json["count"] >= 1300  # other tests file some more
    # The port is part of the links, although the app itself listens elsewhere.
    assert listing.json["next"].startswith(f"http://127.0.0.1:{site.port}/api/tickets/?")


def test_diagnostic_headers_appear_once(site: Site) -> None:
    answer = site.ask("/healthz", headers={"X-Request-ID": "hop-by-hop"})
    assert answer.status == 200
    assert answer.all("X-Request-ID") == ["hop-by-hop"]
    for name in (
        "X-Served-By",
        "Server-Timing",
        "X-Frame-Options",
        "X-Content-Type-Options",
        "Referrer-Policy",
    ):
        assert len(answer.all(name)) == 1, name


def test_both_replicas_take_turns(site: Site) -> None:
    ids = [f"take-turns-{number}" for number in range(6)]
    for request_id in ids:
        site.ask("/healthz", headers={"X-Request-ID": request_id})
    asked = {site.log_line(request_id)["upstream_addr"] for request_id in ids}
    assert asked == {f"127.0.0.1:{port}" for port in site.replicas}


def test_a_replica_asked_directly_refuses_other_hosts_too(site: Site) -> None:
    replica = Edge(next(iter(site.replicas)), site.log, {})
    assert replica.ask("/healthz").status == 200
    assert replica.ask("/api/", headers={"Host": "evil.example"}).status == 400


def test_a_forged_address_gets_no_throttle_bucket_of_its_own(site: Site) -> None:
    ticket: dict[str, object] = {
        "name": "User 1",
        "email": "user1@example.com",
        "phone": "8000000000",
        "issue": "System Crash",
        "department": 1,
    }
    # Three a minute; the minute may end in between, but not twice.
    answers = [
        post(site, "/api/tickets/", ticket, {"X-Forwarded-For": f"198.51.100.{number}"})
        for number in range(8)
    ]
    refused = [answer for answer in answers if answer.status == 429]
    assert 2 <= len(refused) <= 5
    assert {answer.status for answer in answers} == {201, 429}
    # The app's own refusal passes as it is.
    (retry_after,) = refused[0].all("Retry-After")
    assert 1 <= int(retry_after) <= 60
    assert refused[0].json["error"]["code"] == "throttled"


def test_the_admins_static_files_come_from_nginx(site: Site) -> None:
    answer = site.ask("/static/admin/css/base.css")
    assert answer.status == 200
    assert answer.all("X-Content-Type-Options") == ["nosniff"]
    assert answer.all("X-Served-By") == []


def test_the_docs_say_how_to_make_them_until_they_are_made(site: Site) -> None:
    answer = site.ask("/docs/")
    assert answer.status == 200
    assert b"make docs" in answer.body
    assert answer.all("Content-Type") == ["text/html; charset=utf-8"]
    (policy,) = answer.all("Content-Security-Policy")
    assert "default-src 'self'" in policy
    assert "script-src" not in policy  # so 'self' holds for scripts, and none in a page's text runs


@pytest.mark.parametrize("folder", ["/docs", "/docs/_static"])
def test_a_folder_of_the_docs_without_its_last_slash_stays_at_its_port(site: Site, folder: str) -> None:
    (site.docs / "_static").mkdir(exist_ok=True)
    answer = site.ask(folder)
    assert (answer.status, answer.all("Location")) == (301, [f"{folder}/"])


@pytest.mark.parametrize(
    "path", ["/docs/nothing.html", "/docs/_static/", "/docs../made-from", "/docs/%2e%2e/dev/env"]
)
def test_nothing_else_can_be_had_from_beside_the_docs(site: Site, path: str) -> None:
    assert site.ask(path).status in (403, 404)


def test_the_discord_stand_in_runs(site: Site) -> None:
    assert Edge(site.discord_port, site.log, {}).ask("/healthz").status == 200


def test_secrets_are_for_their_owner_only(site: Site) -> None:
    for name in ("secret_key", "users.json", "webhook_token", "env"):
        assert stat.S_IMODE((site.directory / name).stat().st_mode) == 0o600, name


def test_a_port_in_use_is_named(site: Site) -> None:
    with pytest.raises(LabError, match=rf"port {site.port} on 127\.0\.0\.1 .* make dev EDGE_PORT="):
        check_ports(DevPorts(edge=site.port))
