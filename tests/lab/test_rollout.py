"""A rolling change in the real lab, under load: a broken image is taken back, a good one costs no request."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab import paths
from lab.engine import docker
from tests.lab.conftest import Lab, labelled

pytestmark = pytest.mark.usefixtures("leaves_no_tickets")

CALLERS = (Path(__file__).parent / "callers.py").read_text()
BROKEN = "ticketlab-test/broken"
GOODBYE = "the new code cannot be imported"


@contextmanager
def load(lab: Lab, clients: int = 8) -> Iterator[dict[str, int]]:
    """Clients on the host locust that file and list tickets; the dictionary has what they saw at the end."""
    words = ["python", "-c", CALLERS, lab.plan.address("edge"), lab.token("instructor"), str(clients)]
    process = subprocess.Popen(
        [paths.ROOT / ".venv/bin/lab", "shell", "locust", "--", *words],
        env=lab.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    seen: dict[str, int] = {}
    time.sleep(2)
    try:
        yield seen
    finally:
        lab.on("locust", "touch", "/tmp/callers-end")  # noqa: S108 (the host's own tmpfs)
        seen |= json.loads(process.communicate(timeout=60)[0])


def app_containers() -> dict[str, tuple[str, str]]:
    """The container and the image of each app server."""
    found = {}
    for service in ("app1", "app2", "live"):
        (id_,) = labelled("ps", "--quiet", "--filter", f"label=com.docker.compose.service={service}")
        found[service] = id_, docker("inspect", "--format", "{{.Image}}", id_).strip()
    return found


def drained(lab: Lab) -> str:
    return lab.output("edge", "ls", "/run/edge/drained")


def test_a_broken_image_is_taken_back_and_a_good_one_replaces_all_without_a_failed_request(lab: Lab) -> None:
    before = app_containers()
    (migrate,) = labelled("ps", "--all", "--quiet", "--filter", "label=com.docker.compose.service=migrate")
    command = json.dumps(["sh", "-c", f"echo {GOODBYE}; exit 3"])
    docker("commit", "--change", f"CMD {command}", migrate, BROKEN)
    try:
        with load(lab) as seen:
            refused = lab.run("deploy", "--image", BROKEN)
            after_refusal = app_containers()
            done = lab.run("deploy")
            after = app_containers()
    finally:
        docker("image", "rm", "--force", BROKEN)

    assert refused.returncode == 1
    sentence = refused.stderr.splitlines()[-1]
    assert sentence.startswith(f"ticketlab: {BROKEN} was refused, and the old image serves on: app1 ended")
    assert GOODBYE in sentence
    assert {name: image for name, (_, image) in after_refusal.items()} == {
        name: image for name, (_, image) in before.items()
    }
    assert after_refusal["app2"] == before["app2"], "there was no reason to touch it"

    assert done.returncode == 0, done.stderr
    assert all(after[name][0] != after_refusal[name][0] for name in after), "each has a new container"
    assert drained(lab) == ""
    assert set(seen) == {"GET 200", "POST 201"}, seen
    assert min(seen.values()) > 50, "this was no load"
