"""`up` twice, a third replica, `status`, and what `down` leaves: last by name, since it ends the lab."""

from __future__ import annotations

import json
import re
import time

import pytest

from lab.engine import docker
from tests.edge.conftest import wait_until
from tests.lab.conftest import Lab, labelled


def started(lab: Lab) -> dict[str, str]:
    """When each container started, but for the one-shot migration."""
    bodies = json.loads(docker("inspect", *labelled("ps", "--quiet")))
    services = {body["Config"]["Labels"]["com.docker.compose.service"]: body for body in bodies}
    return {
        name: body["Id"] + body["State"]["StartedAt"] for name, body in services.items() if name != "migrate"
    }


def test_a_second_up_changes_nothing(lab: Lab) -> None:
    before = started(lab)
    done = lab.run("up")
    assert done.returncode == 0, done.stderr
    assert started(lab) == before
    assert "building" not in done.stderr


def test_status_lists_every_host_and_fails_when_one_is_gone(lab: Lab) -> None:
    whole = lab.run("status")
    assert whole.returncode == 0
    assert all(
        name in whole.stdout for name in ("router", "edge", "app1", "app2", "discord", "client", "locust")
    )
    docker("stop", *labelled("ps", "--quiet", "--filter", "label=com.docker.compose.service=client"))
    broken = lab.run("status")
    assert broken.returncode == 3
    assert "client" in broken.stderr
    assert lab.run("up").returncode == 0


def test_a_third_replica_joins_and_leaves(lab: Lab) -> None:
    def serving() -> set[str]:
        heads = [lab.fetch("/healthz", "-D", "-", "-o", "/dev/null")[1] for _ in range(12)]
        return {line.split()[1] for head in heads for line in head.splitlines() if "X-Served-By" in line}

    for count, names in ((3, {"app1", "app2", "app3"}), (2, {"app1", "app2"})):
        env = lab.state("env")
        env.write_text(env.read_text().replace(f"REPLICAS={5 - count}", f"REPLICAS={count}"))
        assert lab.run("up").returncode == 0
        deadline = time.monotonic() + 30  # Nginx leaves out for a while who was slow to answer
        while (seen := serving()) != names and time.monotonic() < deadline:
            pass
        assert seen == names


def test_the_notifier_posts_what_is_filed_while_it_is_on(lab: Lab) -> None:
    def switch(was: str, now: str) -> None:
        env = lab.state("env")
        env.write_text(env.read_text().replace(f"NOTIFIER={was}", f"NOTIFIER={now}"))
        assert lab.run("up").returncode == 0

    def received() -> set[int]:
        messages = lab.output("discord", "curl", "-sS", "http://localhost/_lab/messages")
        return {ticket for message in json.loads(messages) for ticket in message["tickets"]}

    switch("off", "on")
    wait_until(lambda: "Sending what is filed" in lab.run("logs", "notifier").stdout, 30)
    ticket = {
        "name": "Ada",
        "email": "ada@example.com",
        "phone": "80007",
        "issue": "No link",
        "department": 1,
    }
    status, body = lab.fetch(
        "/api/tickets/", "-H", "Content-Type: application/json", "-d", json.dumps(ticket | {"priority": 3})
    )
    assert status == 201
    wait_until(lambda: json.loads(body)["id"] in received(), 30)
    switch("on", "off")
    assert labelled("ps", "--all", "--quiet", "--filter", "label=com.docker.compose.service=notifier") == []
    assert re.search(r"sending +0 ", lab.run("notify", "--status").stdout)


@pytest.mark.parametrize("words", [("logs", "nosuch"), ("shell", "nosuch"), ("restart", "nosuch")])
def test_an_unknown_host_is_named_with_those_there_are(lab: Lab, words: tuple[str, str]) -> None:
    done = lab.run(*words)
    assert done.returncode == 2
    assert "no host 'nosuch'" in done.stderr
    assert "router, edge" in done.stderr


def test_down_leaves_only_the_databases(lab: Lab) -> None:
    others = set(docker("ps", "--quiet").split()) - set(labelled("ps", "--quiet"))
    assert lab.run("down").returncode == 0
    assert labelled("ps", "--all", "--quiet") == []
    assert labelled("network", "ls", "--quiet") == []
    kept = {"ticketlab-test_data", "ticketlab-test_db"}  # the second one since test_database.py was here
    assert {"ticketlab-test_data"} <= set(labelled("volume", "ls", "--quiet")) <= kept
    assert set(docker("ps", "--quiet").split()) == others


@pytest.mark.parametrize(
    "words",
    [
        ("status",),
        ("link", "show"),
        ("link", "set", "clients", "--delay", "5ms"),
        ("link", "clear"),
        ("firewall", "apply"),
        ("firewall", "show"),
        ("firewall", "log"),
        ("firewall", "test"),
        ("topology",),
        ("trace", "http://10.99.10.1/healthz"),
        ("capture", "edge"),
        ("tls", "on"),
        ("backup",),
        ("seed",),
        ("load",),
        ("notify",),
        ("loadtest",),
        ("shell", "client"),
        ("restart",),
    ],
    ids=" ".join,
)
def test_a_lab_that_is_down_is_said_in_one_sentence_with_the_mend(lab: Lab, words: tuple[str, ...]) -> None:
    assert labelled("ps", "--quiet") == [], "the test above took the lab down"
    done = lab.run(*words)
    told = [line for line in done.stderr.splitlines() if line.startswith("ticketlab: ")]
    assert (done.returncode, len(told)) == (3, 1), done
    assert "make up" in told[0]
