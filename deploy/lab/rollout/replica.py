"""One host gets the image that Compose starts now, and is looked at until it has proved itself."""

from __future__ import annotations

import time

from lab import stage
from lab.engine import compose, container, containers, docker, docker_argv
from lab.errors import LabError
from lab.process import last_words, run
from lab.topology import Host, Topology

STOP = 45  # seconds that a host gets to finish what it has begun; Gunicorn takes 35 at most
PATIENCE = 60.0  # seconds until a new host must be healthy
PAUSE = 0.5  # seconds between two looks
IN_A_ROW = 3  # looks without a complaint that prove a host healthy
UNCHECKED = 8  # as many for a host without a health check, of which only its staying alive is seen


def renew(project: str, plan: Topology, service: str) -> None:
    """End the host's container as gracefully as it likes, start a new one, and return when that is healthy.

    Raises LabError with what the new one said if it ends, is not healthy in time, or cannot even start.
    """
    there = containers(project, service)
    if there:
        docker("stop", "--time", str(STOP), *there)
    start(project, service)
    wait(project, plan, service)


def start(project: str, service: str) -> None:
    """Make the host's container anew."""
    compose(project, "up", "--detach", "--no-build", "--no-deps", "--force-recreate", service)


def wait(project: str, plan: Topology, service: str) -> None:
    """Return when a host that was just started has been healthy for a while; raises LabError if it is not."""
    host = plan.hosts[service]
    wanted = IN_A_ROW if host.health else UNCHECKED
    deadline = time.monotonic() + PATIENCE
    good = 0
    while good < wanted:
        _raise_if_ended(project, host)
        if complaint := _complaint(project, plan, host):
            good = 0
        else:
            good += 1
        if complaint and time.monotonic() > deadline:
            raise LabError(f"{service} was not healthy after {PATIENCE:.0f} s: {complaint}")
        time.sleep(PAUSE)


def healthy(project: str, plan: Topology, service: str) -> bool:
    """Whether the host passes its own health check now, and answers the edge if it is one of its replicas."""
    return not _complaint(project, plan, plan.hosts[service])


def _raise_if_ended(project: str, host: Host) -> None:
    """Raise LabError if the host's container has ended, even if it was started again since."""
    found = next(iter(containers(project, host.name)), None)
    if found is None:
        raise LabError(f"the container of {host.name} is gone")
    form = "{{.State.Status}} {{.RestartCount}}"
    status, restarts = docker("inspect", "--format", form, found).split()
    if status != "running" or restarts != "0":
        said = last_words(run(docker_argv("logs", "--tail", "20", found)), lines=1)
        raise LabError(f"{host.name} ended: {said}")


def _complaint(project: str, plan: Topology, host: Host) -> str:
    """What is wrong with it, or nothing: by its own check, then asked as Nginx does, through the router."""
    checks = [(host.name, list(host.health))] if host.health else []
    if host.name in stage.REPLICAS:
        url = f"http://{stage.upstream(plan, host.name)}/readyz"
        ours = f"Host: {plan.address('edge')}"
        checks.append(("edge", ["curl", "-fsS", "-m", "3", "-o", "/dev/null", "-H", ours, url]))
    for service, words in checks:
        try:
            done = run(docker_argv("exec", container(project, service), *words), timeout=20)
        except LabError as error:
            return str(error)
        if done.returncode:
            return last_words(done)
    return ""
