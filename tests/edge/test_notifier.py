"""notify_discord --follow with real signals, a real database file, and the real stand-in."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.site import free_ports
from lab.dev.supervisor import Supervisor
from tests.edge.conftest import wait_until
from tests.edge.notifier import Scene

FILE_ONE = """
from ticketing.models import Department
from ticketing.services import desk
fields = {"name": "Ada", "email": "ada@example.com", "phone": "80007", "issue": "No link"}
department, _ = Department.objects.get_or_create(name="Service Desk")
print(desk.file(None, {**fields, "department": department}).pk)
"""


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with Supervisor() as supervisor:
        yield Scene.set(supervisor, tmp_path, free_ports(1)[0])


def file_ticket(scene: Scene) -> int:
    return int(scene.manage("shell", "--verbosity", "0", "-c", FILE_ONE).split()[-1])


def follow(scene: Scene, log: Path) -> subprocess.Popen[bytes]:
    """Start following; returns once it has said so."""
    with log.open("wb") as output:
        process = scene.start(output, "notify_discord", "--follow")
    wait_until(lambda: "Sending what is filed" in log.read_text() or process.poll() is not None, 60)
    return process


def end(process: subprocess.Popen[bytes], log: Path) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        assert process.wait(20) == 0, log.read_text()
    finally:
        process.kill()


def test_a_filed_ticket_arrives_once_and_sigterm_leaves_nothing_under_way(
    scene: Scene, tmp_path: Path
) -> None:
    log = tmp_path / "follow.log"
    process = follow(scene, log)
    filed = [file_ticket(scene)]
    wait_until(lambda: scene.received() == filed or process.poll() is not None, 60)
    end(process, log)
    assert "Stopped as asked" in log.read_text()
    filed.append(file_ticket(scene))
    process = follow(scene, log)
    wait_until(lambda: scene.received() == filed or process.poll() is not None, 60)
    end(process, log)
    assert scene.received() == filed
    status = scene.manage("notify_discord", "--status")
    counts = {state: int(number) for state, number in re.findall(r"(?m)^  (\w+) +(\d+)  ", status)}
    assert counts == {"pending": 0, "sending": 0, "sent": 2, "failed": 0, "unknown": 0}


def test_a_run_over_the_backlog_beside_a_follower_sends_all_and_none_twice(
    scene: Scene, tmp_path: Path
) -> None:
    log, file = tmp_path / "follow.log", str(tmp_path / "tickets.json")
    scene.manage("generate_tickets", "--count", "40", "--output", file)
    scene.manage("load_tickets", file)
    process = follow(scene, log)
    with (tmp_path / "backlog.log").open("wb") as output:
        backlog = scene.start(output, "notify_discord")
    filed = [file_ticket(scene) for _ in range(3)]
    assert backlog.wait(60) == 0, (tmp_path / "backlog.log").read_text()
    wait_until(lambda: set(filed) <= set(scene.received()) or process.poll() is not None, 60)
    end(process, log)
    assert sorted(scene.received()) == [*range(1, 41), *filed]
