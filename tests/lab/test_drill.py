"""Failure drills in the real topology, and that their account would see what is wrong."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from lab import paths, settings
from lab.drills import ledger, tickets, witness
from lab.drills.runner import device
from lab.engine import docker
from tests.lab.conftest import Lab, labelled

pytestmark = pytest.mark.usefixtures("leaves_no_tickets")

# Of two tickets of the drill, one goes and one comes twice, behind the service's back.
SPOIL = """
import django, sys
django.setup()
from ticketing.models import Ticket
first, second = Ticket.objects.filter(device=sys.argv[-1]).order_by("id")[:2]
Ticket.objects.filter(pk=first.pk).delete()
Ticket(**{**{f.attname: getattr(second, f.attname) for f in Ticket._meta.concrete_fields}, "id": None}).save()
print(first.issue, second.issue)
"""


def drilled(lab: Lab, name: str) -> dict[str, Any]:
    """What a drill found; it must have passed."""
    done = lab.run("drill", name, "--quick", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    (found,) = json.loads(done.stdout)
    return dict(found)


def folder_of(found: dict[str, Any]) -> Path:
    return paths.ROOT / "runs" / str(found["run"])


def running(lab: Lab) -> bool:
    """Whether every host but migrate runs, none of them frozen."""
    states = docker("inspect", "--format", "{{.State.Status}}", *labelled("ps", "--all", "--quiet"))
    return sorted(set(states.split())) == ["exited", "running"] and states.split().count("exited") == 1


def test_a_killed_replica_loses_nothing_and_its_account_would_show_it(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = drilled(lab, "kill-replica")
    assert found["ledger"]["acknowledged"] > 20
    assert found["ledger"]["exact"]
    assert found["clients"]["reads"] > 100
    assert running(lab)
    folder = folder_of(found)
    assert {"page.html", "drill.json", "ledger.jsonl", "requests.csv"} <= {
        one.name for one in folder.iterdir()
    }

    for name in ("LAB_STATE", "LAB_ENV_FILE"):
        monkeypatch.setenv(name, lab.environment[name])
    command = ("python", "-c", f"import django; django.setup(){SPOIL}", device(folder))
    gone, doubled = lab.output(
        "app1", "env", "DJANGO_SETTINGS_MODULE=drf_jwt_backend.settings", *command
    ).split()
    with (folder / witness.FILE).open() as lines:
        entries = ledger.read(lines)
    account = ledger.compare(entries, tickets.filed(settings.load(), lab.plan, device(folder)))
    assert (account.missing, account.twice) == ([gone], [doubled])
    assert not account.exact


def test_a_frozen_replica_costs_no_read(lab: Lab) -> None:
    found = drilled(lab, "pause-replica")
    assert found["clients"]["reads_failed"] == 0
    assert found["ledger"]["exact"]
    assert running(lab)


def test_a_drill_that_is_interrupted_leaves_the_lab_whole(lab: Lab) -> None:
    process = subprocess.Popen(
        [paths.ROOT / ".venv/bin/lab", "drill", "pause-replica", "--quick"],
        env=lab.environment, text=True, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    said = next(line for line in process.stderr if "now:" in line)
    process.send_signal(signal.SIGINT)
    said += process.communicate(timeout=90)[1]
    assert process.returncode == 130, said
    assert running(lab), said


def test_what_does_not_apply_is_said_in_one_sentence(lab: Lab) -> None:
    done = lab.run("drill", "kill-database")
    assert done.returncode == 2
    assert done.stderr.startswith("ticketlab: kill-database does not apply: SQLite is a file")
    done = lab.run("drill", "nonsense")
    assert done.returncode == 2
    assert "there is no drill 'nonsense'; those that there are: kill-worker, " in done.stderr
