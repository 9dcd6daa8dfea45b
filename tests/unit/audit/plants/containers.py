"""What the engine says of a lab in order, and of one with a weakness."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any

from lab.audit.containers.evidence import Container, Evidence, Process
from tests.unit.audit.planting import Plant

BODY: dict[str, Any] = {
    "Image": "sha256:a7db",
    "State": {"Running": True, "Health": {"Status": "healthy"}},
    "Config": {"User": "app", "Image": "ticketlab/app"},
    "HostConfig": {
        "Privileged": False,
        "CapAdd": None,
        "CapDrop": ["ALL"],
        "CgroupParent": "",
        "CpuShares": 1024,
        "Devices": None,
        "IpcMode": "private",
        "Memory": 805306368,
        "NetworkMode": "ticketlab_backend",
        "PidMode": "",
        "PidsLimit": 256,
        "PortBindings": {"8000/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}]},
        "ReadonlyRootfs": True,
        "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 5},
        "SecurityOpt": ["no-new-privileges:true"],
        "Ulimits": None,
        "UTSMode": "",
        "UsernsMode": "",
    },
    "Mounts": [
        {"Type": "volume", "Source": "/var/lib/docker/volumes/data/_data", "RW": True, "Propagation": ""},
        {"Type": "bind", "Source": "/srv/kit/nginx", "RW": False, "Propagation": "rprivate"},
    ],
    "NetworkSettings": {"Networks": {"ticketlab_backend": {}}},
}
APP = Container("app1", BODY, (Process("docker-init", 10001), Process("gunicorn", 10001)))


def evidence(*containers: Container, stale: tuple[str, ...] = ()) -> Evidence:
    """Evidence of a lab of these containers."""
    published = {"app1": (8080, 80), "migrate": (), "router": ()}
    return Evidence(containers, {"ticketlab/app": "sha256:a7db"}, stale, published, ("/srv/kit",))


def changed(part: str, **values: object) -> Container:
    """The app server with other values in one part of what the engine says, or (part "") at its top."""
    body = copy.deepcopy(BODY)
    (body[part] if part else body).update(values)
    return dataclasses.replace(APP, body=body)


def host(**values: object) -> Container:
    """The app server with other values in its HostConfig."""
    return changed("HostConfig", **values)


def unprotected(option: str) -> Container:
    """The app server with one of the engine's protections off."""
    return host(SecurityOpt=["no-new-privileges", option])


def mounting(source: str, *, writable: bool = False, propagation: str = "rprivate") -> Container:
    """The app server with a folder of the VM."""
    return changed(
        "", Mounts=[{"Type": "bind", "Source": source, "RW": writable, "Propagation": propagation}]
    )


def published(address: str, port: str) -> Container:
    """The app server behind a port of the VM."""
    return host(PortBindings={"8000/tcp": [{"HostIp": address, "HostPort": port}]})


def running(*processes: Process) -> Container:
    """The app server with these processes."""
    return dataclasses.replace(APP, processes=processes)


TUN = [{"PathOnHost": "/dev/net/tun"}]
ROUTER = dataclasses.replace(
    host(CapAdd=["CAP_NET_ADMIN", "NET_RAW"], Devices=TUN, PortBindings={}), host="router"
)
MIGRATE = dataclasses.replace(
    changed("", State={"Running": False}, HostConfig={**BODY["HostConfig"], "PortBindings": None}),
    host="migrate",
    processes=(),
)
SECOND = dataclasses.replace(APP, host="app1-2", body=MIGRATE.body)
STRANGER = dataclasses.replace(SECOND, host="miner")
CLEAN = evidence(APP, MIGRATE, ROUTER, SECOND)


def plant(check: str, weakness: str, container: Container, *also: str) -> Plant:
    """One weak container among the others."""
    return Plant(check, weakness, evidence(container, ROUTER), "app1", also)


PLANTS = [
    plant("CIS-4.1", "an image without USER", changed("Config", User="")),
    plant("CIS-4.1", "a user who is root by number", changed("Config", User="0:0")),
    plant("CIS-4.1", "a process that became root", running(Process("gunicorn", 10001), Process("sh", 0))),
    plant("CIS-5.1", "AppArmor off", unprotected("apparmor=unconfined")),
    plant("CIS-5.2", "SELinux off", unprotected("label:disable")),
    plant("CIS-5.3", "nothing dropped", host(CapDrop=None)),
    plant("CIS-5.3", "a capability too many", host(CapAdd=["CAP_SYS_ADMIN"])),
    plant("CIS-5.3", "what only the router may", host(CapAdd=["NET_ADMIN"])),
    plant("CIS-5.4", "privileged", host(Privileged=True)),
    plant("CIS-5.5", "the VM's /etc", mounting("/etc")),
    plant("CIS-5.5", "a folder beside the checkout", mounting("/srv/kit2")),
    plant("CIS-5.6", "sshd", running(Process("gunicorn", 10001), Process("sshd", 10001))),
    plant("CIS-5.7", "port 80 of the VM", published("127.0.0.1", "80")),
    plant("CIS-5.8", "a port that the topology has not", published("127.0.0.1", "9000")),
    plant("CIS-5.8", "any port", published("127.0.0.1", "")),
    plant("CIS-5.9", "the VM's network", host(NetworkMode="host")),
    plant("CIS-5.10", "no memory limit", host(Memory=0)),
    plant("CIS-5.11", "no processor share", host(CpuShares=0)),
    plant("CIS-5.12", "a root file system that can be written", host(ReadonlyRootfs=False)),
    plant("CIS-5.13", "published on every address", published("", "8080")),
    plant("CIS-5.13", "published on the LAN", published("192.0.2.7", "8080")),
    plant("CIS-5.14", "restart: always", host(RestartPolicy={"Name": "always", "MaximumRetryCount": 0})),
    plant("CIS-5.15", "the VM's processes", host(PidMode="host")),
    plant("CIS-5.16", "the VM's shared memory", host(IpcMode="host")),
    plant("CIS-5.17", "a disk", host(Devices=[{"PathOnHost": "/dev/sda"}])),
    plant("CIS-5.17", "the router's device", host(Devices=[{"PathOnHost": "/dev/net/tun"}])),
    plant("CIS-5.18", "its own ulimit", host(Ulimits=[{"Name": "nofile", "Hard": 9, "Soft": 9}])),
    plant("CIS-5.19", "shared mounts", mounting("/srv/kit/nginx", propagation="rshared")),
    plant("CIS-5.20", "the VM's name", host(UTSMode="host")),
    plant("CIS-5.21", "seccomp off", unprotected("seccomp:unconfined")),
    plant("CIS-5.24", "another cgroup", host(CgroupParent="/mine")),
    plant("CIS-5.25", "new privileges", host(SecurityOpt=None)),
    plant("CIS-5.26", "no health check", changed("", State={"Running": True})),
    plant("CIS-5.27", "an image of yesterday", changed("", Image="sha256:0000")),
    Plant("CIS-5.27", "a checkout that has moved on", evidence(APP, stale=("ticketlab/app",)), "app1"),
    plant("CIS-5.28", "no process limit", host(PidsLimit=None)),
    plant("CIS-5.29", "the default bridge", changed("", NetworkSettings={"Networks": {"bridge": {}}})),
    plant("CIS-5.30", "the VM's users", host(UsernsMode="host")),
    plant("CIS-5.31", "the engine's socket", mounting("/var/run/docker.sock")),
    Plant("CTR-STRANGER", "another host", evidence(APP, STRANGER), "miner"),
    plant("CTR-WRITABLE", "writable settings", mounting("/srv/kit/nginx", writable=True)),
]  # fmt: skip
