"""The scenarios as files: what each says of itself, and that all load together, in the web UI too."""

from __future__ import annotations

import ast
import json
import re
import signal
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import TypeGuard

import pytest

from tests.unit.load.conftest import LOCUSTFILES, USERS, Locust
from tests.unit.load.stub import Stub
from tests.unit.load.test_runs import free_port, wait_for


def is_user_class(part: ast.stmt) -> TypeGuard[ast.ClassDef]:
    """Whether this is a class with a task."""
    return isinstance(part, ast.ClassDef) and "@task" in ast.unparse(part)


FILES = sorted(LOCUSTFILES.glob("*.py"))
ALL = ",".join(file.name for file in FILES)
EXERCISES = {
    1: "addresses",
    2: "ports and names",
    3: "one request in packets",
    4: "latency",
    5: "bandwidth and window",
    6: "loss",
    7: "firewall",
    8: "rate limits and batching",
    9: "load and queueing",
    10: "load balancing and failure",
    11: "measuring honestly",
    12: "security audit",
}
CLASSES = sorted(
    part.name for file in FILES for part in ast.parse(file.read_text()).body if is_user_class(part)
)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
class TestEachFile:
    def test_is_short_enough_to_copy_from(self, file: Path) -> None:
        assert len(file.read_text().splitlines()) < 120

    def test_says_what_it_shows_and_for_whom(self, file: Path) -> None:
        said = ast.get_docstring(ast.parse(file.read_text())) or ""
        assert re.match(r"[A-Z][a-z ]+: .+\.\n", said)
        assert "\n\nWhat it shows: " in said
        (named,) = re.findall(r"^Exercises: (.+)\.$", said, re.MULTILINE)
        exercises = re.findall(r"(\d+) \(([^)]+)\)", named)
        assert exercises
        assert all(EXERCISES[int(number)] == title for number, title in exercises)
        assert f"\nRun it with:  locust -f {file.stem}.py" in said

    def test_is_in_the_docs(self, file: Path) -> None:
        page = (LOCUSTFILES.parent / "docs" / "scenarios.md").read_text()
        (row,) = re.findall(rf"^\| `{file.stem}` .*$", page, re.MULTILINE)
        (command,) = re.findall(r"Run it with:  (.*)", file.read_text())
        assert f"`{command}`" in row


def test_each_is_for_some_exercise_and_each_exercise_has_one() -> None:
    texts = "".join(file.read_text() for file in FILES)
    assert set(EXERCISES) == {int(number) for number in re.findall(r"(\d+) \([a-z ]+\)[,.]", texts)}


def test_the_configuration_lists_all() -> None:
    conf = (LOCUSTFILES / "locust.conf").read_text()
    ((listed),) = re.findall(r"^locustfile = (.+)$", conf, re.MULTILINE)
    names = listed.split(",")
    assert [name for name in names if "/" not in name] == [file.name for file in FILES]
    shapes = ("ramp", "soak", "spike", "steady", "step", "wave")
    assert [name for name in names if "/" in name] == [f"shapes/{shape}.py" for shape in shapes]


def test_all_load_together(locust: Locust) -> None:
    """As --class-picker needs it: no two classes of one name."""
    run = locust.start("--list", LOCUST_LOCUSTFILE=ALL)()
    assert run.code == 0, run.errors
    assert sorted(run.output.split()[2:]) == CLASSES


def test_nothing_is_sent_uncounted_without_think_time(locust: Locust, stub: Stub) -> None:
    """Whoever is told to stop has just ended a pause: it must not send once more."""
    run = locust.run("-u", "20", "-r", "100", "-t", "2s", "--think-time", "0", "--host", stub.url)
    assert run.total("num_requests") == stub.arrived
    assert run.code == 0, run.output


def test_the_web_ui_offers_scenarios_and_options(locust: Locust, stub: Stub, tmp_path: Path) -> None:
    port = free_port()
    users = tmp_path / "all.json"
    users.write_text(json.dumps([*USERS, {"username": "student1", "password": "secret", "role": "student"}]))
    finish = locust.start(
        *("--web-port", str(port), "--class-picker", "--host", stub.url),
        LAB_USERS_FILE=str(users),
        LOCUST_LOCUSTFILE=ALL,
    )
    pages = []

    def shown() -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
                pages.append(answer.read().decode())
        except urllib.error.URLError:
            return False
        return True

    def swarm(**chosen: str) -> str:
        form = {"user_count": "1", "spawn_rate": "1", "user_classes": "Health", "host": stub.url} | chosen
        data = urllib.parse.urlencode(form).encode()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/swarm", data, timeout=5) as answer:
            return str(json.load(answer)["message"])

    wait_for(shown)
    for name in ("via", "arrivals", "keep_alive", "sources", "rate", "think_time", *CLASSES):
        assert f'"{name}"' in pages[0], name
    assert '"choices": ["edge", "app1", "app2", "app3"]' in pages[0]
    assert swarm(rate="fast").startswith("--rate is 'fast', but must be")
    assert swarm(via="app2").startswith("--via app2 needs the replica's address")
    assert stub.connections == 0
    assert swarm(think_time="0.1") == "Swarming started"
    wait_for(lambda: stub.arrived > 5)
    locust.started[0].send_signal(signal.SIGTERM)
    finish()
    assert set(stub.requests) == {"GET /healthz"}
