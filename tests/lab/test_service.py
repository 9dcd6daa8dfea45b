"""The main job in the real lab: 1,300 tickets behind Nginx, seeded, loaded, posted exactly once."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from tests.lab.conftest import Lab


def count(lab: Lab, username: str) -> int:
    status, body = lab.fetch("/api/tickets/", "-H", f"Authorization: Bearer {lab.token(username)}")
    assert status == 200
    return int(json.loads(body)["count"])


def test_1300_tickets_for_a_client_with_a_token(lab: Lab) -> None:
    assert count(lab, "instructor") == 1300


def test_the_agents_divide_the_tickets_between_them(lab: Lab) -> None:
    shares = [count(lab, agent) for agent in ("agent1", "agent2")]
    assert sum(shares) == 1300
    assert min(shares) > 500


def test_anonymous_callers_read_nothing(lab: Lab) -> None:
    assert lab.fetch("/api/tickets/")[0] == 401


def test_both_replicas_answer(lab: Lab) -> None:
    served_by = {lab.fetch("/healthz", "-D", "-", "-o", "/dev/null")[1] for _ in range(8)}
    names = {
        line.split()[1] for headers in served_by for line in headers.splitlines() if "X-Served-By" in line
    }
    assert names == {"app1", "app2"}


def test_static_files_and_api_page_need_no_internet(lab: Lab) -> None:
    status, page = lab.fetch("/api/docs/")
    assert status == 200
    assert "https://" not in page
    assert lab.fetch("/static/admin/css/base.css", "-o", "/dev/null")[0] == 200


def test_the_docs_are_a_site_about_this_lab(lab: Lab) -> None:
    assert "<title>ticketlab</title>" in lab.fetch("/docs/")[1]
    status, picture = lab.fetch("/docs/_images/topology.svg")
    assert status == 200
    assert "The lab as it is now" in picture
    assert lab.plan.address("edge") in picture


def test_unknown_host_gets_no_answer_at_all(lab: Lab) -> None:
    done = lab.on("client", "curl", "-sS", "-m", "20", "-H", "Host: elsewhere.example", "http://10.99.10.1/")
    assert done.returncode == 52, "52 is curl's code for an empty reply"


def test_app_server_asked_directly_refuses_an_unknown_host(lab: Lab) -> None:
    asked = [
        "curl",
        "-sS",
        "-m",
        "20",
        "-o",
        "/dev/null",
        "-w",
        "%{http_code}",
        "-H",
        "Host: elsewhere.example",
    ]
    assert lab.output("edge", *asked, "http://10.99.30.11:8000/healthz") == "400"


def test_seed_and_load_change_nothing_the_second_time(lab: Lab) -> None:
    assert lab.run("seed").returncode == 0
    loaded = lab.run("load")
    assert loaded.returncode == 0, loaded.stderr
    assert "0 created, 0 changed, 1,300 unchanged" in loaded.stdout


def test_a_bad_file_is_refused_and_changes_nothing(lab: Lab, tmp_path: Path) -> None:
    bad = [{"id": 1, "name": "Changed", "email": "no address", "phone": "1", "issue": "x", "priority": 1,
            "created_at": "2025-01-01T00:00:00", "department": 1}]  # fmt: skip
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(bad))
    done = lab.run("load", str(path))
    assert done.returncode != 0
    assert "email" in done.stderr
    _, body = lab.fetch("/api/tickets/1/", "-H", f"Authorization: Bearer {lab.token('instructor')}")
    assert json.loads(body)["name"] == "User 1"


def test_notify_posts_every_ticket_exactly_once(lab: Lab) -> None:
    done = lab.run("notify")
    assert done.returncode == 0, done.stderr + done.stdout
    messages = stand_in(lab, "/_lab/stats")["messages"]
    received = Counter(ticket for message in stand_in(lab, "/_lab/messages") for ticket in message["tickets"])
    assert received == Counter(range(1, 1301))
    again = lab.run("notify")
    assert again.returncode == 0
    assert stand_in(lab, "/_lab/stats")["messages"] == messages, "a second notify must send nothing"


def test_webhook_secret_is_in_no_log(lab: Lab) -> None:
    secret = lab.state("secrets/discord_stand_in_token").read_text()
    for host in ("app1", "discord", "edge", "router"):
        logged = lab.run("logs", host)
        assert secret not in logged.stdout + logged.stderr


def test_short_load_run_has_no_failure(lab: Lab) -> None:
    done = lab.run("loadtest", "--users", "5", "--time", "8s")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PASSED" in done.stdout + done.stderr


def stand_in(lab: Lab, path: str) -> Any:  # noqa: ANN401  # whatever JSON it answers
    """What the Discord stand-in says of itself."""
    return json.loads(lab.output("discord", "curl", "-sS", f"http://localhost{path}"))
