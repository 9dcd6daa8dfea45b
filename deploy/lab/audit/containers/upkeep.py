"""What keeps one container from starving the others, and what tells that it is well and of today."""

from __future__ import annotations

from collections.abc import Iterable

from lab.audit.containers.evidence import Container, Evidence, each
from lab.audit.model import Check, Finding, Level
from lab.topology import ONE_SHOT

LIMITS = "docker stats --no-stream"
CONFIG = "docker inspect --format '{{.Name}} {{json .HostConfig}}' $(docker ps -q)"


def _memory(one: Container) -> str | None:
    return None if one.config["Memory"] else "it may take all of the VM's memory"


def _shares(one: Container) -> str | None:
    return None if one.config["CpuShares"] else "its share of the processors is not set"


def _processes(one: Container) -> str | None:
    limited = (one.config["PidsLimit"] or 0) > 0
    return None if limited else "it may start as many processes as the VM has room for"


def _restart(one: Container) -> str | None:
    policy = one.config["RestartPolicy"]
    bounded = policy["Name"] in ("", "no") or 0 < policy["MaximumRetryCount"] <= 5
    return None if bounded else f"restart is {policy['Name']}, without a bound of five"


def _ulimits(one: Container) -> str | None:
    names = sorted(limit["Name"] for limit in one.config["Ulimits"] or ())
    return f"it has limits of its own for {', '.join(names)}" if names else None


def _cgroup(one: Container) -> str | None:
    parent = one.config["CgroupParent"]
    return f"its limits are counted under {parent}" if parent else None


def _health(one: Container) -> str | None:
    if one.host == ONE_SHOT or not one.running:
        return None  # its exit code tells
    return None if one.body["State"].get("Health") else "nothing asks whether it is well"


def _image(evidence: Evidence) -> Iterable[Finding]:
    for one in evidence.containers:
        name = one.body["Config"]["Image"]
        if one.body["Image"] != evidence.images.get(name):
            yield Finding(one.host, f"it runs from an image that is {name} no more")
        elif name in evidence.stale:
            yield Finding(one.host, f"it runs from {name}, which this checkout would build anew")


def _strangers(evidence: Evidence) -> Iterable[Finding]:
    for one in evidence.containers:
        if not {one.host, one.host.rpartition("-")[0]} & evidence.published.keys():
            yield Finding(one.host, "it carries the lab's label, but no such host is in the topology")


CHECKS: tuple[Check[Evidence], ...] = (
    Check(
        "CIS-5.10",
        Level.MEDIUM,
        "Every host's memory is limited",
        "One host that takes it all makes the kernel kill others.",
        "deploy: {resources: {limits: {memory: 256M}}} in docker-compose.yml.",
        LIMITS,
        each(_memory),
    ),
    Check(
        "CIS-5.11",
        Level.LOW,
        "Every host's share of the processors is set",
        "Under load each host gets its share and no more, so that none starves the router.",
        "cpu_shares in docker-compose.yml.",
        CONFIG,
        each(_shares),
    ),
    Check(
        "CIS-5.14",
        Level.LOW,
        "No host is started again without end",
        "A host that dies at each start would keep the VM busy, and hide why it dies.",
        "restart: on-failure:5 in docker-compose.yml.",
        CONFIG,
        each(_restart),
    ),
    Check(
        "CIS-5.18",
        Level.INFO,
        "No host has ulimits of its own",
        "The engine's own limits hold for all; what differs needs a reason.",
        "Take ulimits out of docker-compose.yml.",
        CONFIG,
        each(_ulimits),
    ),
    Check(
        "CIS-5.24",
        Level.LOW,
        "Every host's limits are counted by the engine's own cgroup",
        "Under another parent, limits that are set there do not hold.",
        "Take cgroup_parent out of docker-compose.yml.",
        CONFIG,
        each(_cgroup),
    ),
    Check(
        "CIS-5.26",
        Level.LOW,
        "Every host's health is asked for",
        "A host that runs and no longer serves is seen at once, and a start waits until it serves.",
        "healthcheck in docker-compose.yml.",
        "make status",
        each(_health),
    ),
    Check(
        "CIS-5.27",
        Level.MEDIUM,
        "Every host runs from the image that this checkout builds",
        "What was mended in the checkout is not mended in what runs until the image is built and started.",
        "make up builds what is out of date, and starts it.",
        "docker ps --format '{{.Names}} {{.Image}}'; docker images",
        _image,
    ),
    Check(
        "CIS-5.28",
        Level.MEDIUM,
        "Every host's number of processes is limited",
        "A fork bomb in one host ends there.",
        "pids_limit in docker-compose.yml.",
        CONFIG,
        each(_processes),
    ),
    Check(
        "CTR-STRANGER",
        Level.MEDIUM,
        "Every container that carries the lab's label is a host of docker-compose.yml",
        "A stranger among the hosts has their network, and nobody looks after it.",
        "docker rm -f the container, or write it into docker-compose.yml.",
        "docker ps --all --filter label=com.docker.compose.project=ticketlab",
        _strangers,
    ),
)
