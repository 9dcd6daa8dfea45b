"""Waiting until the lab serves: each host's own health check, run at once, not on the engine's schedule."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from lab.engine import containers, docker, docker_argv
from lab.errors import ExitCode, LabError
from lab.process import last_words, run
from lab.topology import ONE_SHOT, Host, Topology

DEADLINE = 120.0  # seconds, for a host to become healthy once the database is prepared
PATIENCE = 1800.0  # seconds, for the database: SEED_COUNT may ask for a million tickets, on a slow disk
ANNOUNCE = 10.0  # seconds between two lines that say what is waited for
PAUSE = 0.3  # seconds between two rounds


@dataclass(frozen=True)
class HostState:
    """A container as the engine sees it; `health` is the result of its last scheduled check, or empty."""

    id: str
    service: str
    status: str
    health: str
    exit_code: int
    addresses: dict[str, str]


def states(project: str) -> dict[str, HostState]:
    """The lab's containers by service, a service with several of them by the first."""
    ids = containers(project)
    if not ids:
        return {}
    found = (_state(body) for body in json.loads(docker("inspect", *ids)))
    return {state.service: state for state in found}


def wait(project: str, topology: Topology, services: Iterable[str], say: Callable[[str], None]) -> None:
    """Return when every service passes its own health check; raises LabError if one won't."""
    waiting = {name: topology.hosts[name] for name in services}
    deadline = time.monotonic() + DEADLINE
    reasons: dict[str, str] = {}
    announce = _every(ANNOUNCE, say)
    while waiting:
        reasons = _complaints(waiting, states(project))
        waiting = {name: host for name, host in waiting.items() if name in reasons}
        if waiting and time.monotonic() > deadline:
            name, why = next(iter(reasons.items()))
            raise LabError(f"host {name} did not become healthy: {why}; see: make logs HOST={name}")
        if waiting:
            announce(f"still waiting for {', '.join(waiting)}")
            time.sleep(PAUSE)


def wait_for_database(project: str, say: Callable[[str], None]) -> None:
    """Return when the service that prepares the database has ended well.

    Raises LabError with its last words if it failed, and when it takes longer than `PATIENCE`.
    """
    begin = time.monotonic()
    announce = _every(ANNOUNCE, say)
    while (state := states(project).get(ONE_SHOT)) is None or state.status != "exited":
        taken = time.monotonic() - begin
        if taken > PATIENCE:
            late = f"the database was not prepared in {PATIENCE / 60:.0f} minutes"
            raise LabError(f"{late}; see: make logs HOST={ONE_SHOT}, or set a smaller SEED_COUNT in .env")
        announce(f"still preparing the database ({taken:.0f} s)")
        time.sleep(PAUSE)
    if state.exit_code != 0:
        raise LabError(f"{ONE_SHOT} failed: {_said(state.id)}; see: make logs HOST={ONE_SHOT}")


def _every(seconds: float, say: Callable[[str], None]) -> Callable[[str], None]:
    """`say`, but silent until so many seconds have passed since the last time, or since now."""
    last = time.monotonic()

    def announce(text: str) -> None:
        nonlocal last
        if time.monotonic() - last >= seconds:
            last = time.monotonic()
            say(text)

    return announce


def _complaints(hosts: dict[str, Host], now: dict[str, HostState]) -> dict[str, str]:
    with ThreadPoolExecutor(max_workers=4) as pool:
        answers = pool.map(lambda host: _complaint(host, now.get(host.name)), hosts.values())
        return {name: why for name, why in zip(hosts, answers, strict=True) if why}


def _complaint(host: Host, state: HostState | None) -> str | None:
    if state is None:
        return "its container is missing"
    if state.status != "running":
        raise LabError(
            f"host {host.name} is {state.status}: {_said(state.id)}; see: make logs HOST={host.name}",
            ExitCode.FAILED,
        )
    if not host.health:
        return None
    done = run(docker_argv("exec", state.id, *host.health), timeout=20)
    return last_words(done) if done.returncode else None


def _said(container: str) -> str:
    return last_words(run(docker_argv("logs", "--tail", "20", container)))


def _state(body: dict[str, Any]) -> HostState:
    state = body["State"]
    networks = body["NetworkSettings"]["Networks"]
    return HostState(
        id=body["Id"],
        service=body["Config"]["Labels"]["com.docker.compose.service"],
        status=state["Status"],
        health=state.get("Health", {}).get("Status", ""),
        exit_code=state["ExitCode"],
        addresses={name.split("_")[-1]: body["IPAddress"] for name, body in networks.items()},
    )
