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
from lab.topology import Host, Topology

DEADLINE = 120.0  # seconds; a first migration on a slow disk has taken 40
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
    announced = time.monotonic()
    while waiting:
        reasons = _complaints(waiting, states(project))
        waiting = {name: host for name, host in waiting.items() if name in reasons}
        if waiting and time.monotonic() > deadline:
            name, why = next(iter(reasons.items()))
            raise LabError(f"host {name} did not become healthy: {why}; see: make logs HOST={name}")
        if waiting and time.monotonic() - announced > 10:
            announced = time.monotonic()
            say(f"still waiting for {', '.join(waiting)}")
        if waiting:
            time.sleep(PAUSE)


def wait_for_exit(project: str, service: str) -> None:
    """Return when a one-shot service has ended well; raises LabError with its last words if it failed."""
    deadline = time.monotonic() + DEADLINE
    while (state := states(project).get(service)) is None or state.status != "exited":
        if time.monotonic() > deadline:
            raise LabError(f"{service} did not finish in {DEADLINE:.0f} s; see: make logs HOST={service}")
        time.sleep(PAUSE)
    if state.exit_code != 0:
        raise LabError(f"{service} failed: {_said(state.id)}; see: make logs HOST={service}")


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
