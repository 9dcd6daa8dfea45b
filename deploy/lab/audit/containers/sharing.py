"""What a container shares with the VM: namespaces, folders, the engine's socket, ports."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from lab.audit.containers.evidence import Container, Evidence, each
from lab.audit.model import Check, Finding, Level

SOCKETS = {"docker.sock", "containerd.sock", "podman.sock", "crio.sock"}
CONFIG = "docker inspect --format '{{.Name}} {{json .HostConfig}}' $(docker ps -q)"
MOUNTS = "docker inspect --format '{{.Name}} {{json .Mounts}}' $(docker ps -q)"
PORTS = "docker ps --format '{{.Names}} {{.Ports}}'"


def _folders(evidence: Evidence) -> Iterable[Finding]:
    for one in evidence.containers:
        for mount in one.mounts:
            source = PurePosixPath(mount["Source"])
            ours = any(source.is_relative_to(folder) for folder in evidence.folders)
            if not ours and source.name not in SOCKETS:
                yield Finding(one.host, f"{source} of the VM is mounted")


def _writable(one: Container) -> str | None:
    written = [mount["Source"] for mount in one.mounts if mount["RW"]]
    return f"it can write {', '.join(written)} of the VM" if written else None


def _propagation(one: Container) -> str | None:
    shared = [mount["Source"] for mount in one.mounts if mount["Propagation"] in ("shared", "rshared")]
    return f"what it mounts beneath {', '.join(shared)} appears in the VM" if shared else None


def _socket(one: Container) -> str | None:
    found = [mount["Source"] for mount in one.mounts if PurePosixPath(mount["Source"]).name in SOCKETS]
    return f"it has the engine's socket {', '.join(found)}" if found else None


def _published(evidence: Evidence) -> Iterable[Finding]:
    for one in evidence.containers:
        allowed = evidence.published.get(one.host, ())
        extra = sorted({port for _, port in _bindings(one)} - set(allowed))
        if extra:
            yield Finding(one.host, f"port {', '.join(map(str, extra))} of the VM leads to it")


def _low_ports(one: Container) -> str | None:
    low = sorted({port for _, port in _bindings(one) if 0 < port < 1024})
    return f"port {', '.join(map(str, low))} of the VM leads to it" if low else None


def _interfaces(one: Container) -> str | None:
    wide = sorted({address or "every address" for address, _ in _bindings(one) if address[:4] != "127."})
    return f"it is published on {', '.join(wide)}" if wide else None


def _default_bridge(one: Container) -> str | None:
    joined = {*one.body["NetworkSettings"]["Networks"], one.config["NetworkMode"]}
    return "it is on the engine's default bridge" if joined & {"bridge", "default"} else None


def _bindings(one: Container) -> list[tuple[str, int]]:
    """Address and port of the VM for each published port; port 0 stands for one that the engine chooses."""
    entries = [entry for bound in (one.config["PortBindings"] or {}).values() for entry in bound or ()]
    return [(entry["HostIp"], int(entry["HostPort"] or 0)) for entry in entries]


def _namespace(number: str, level: Level, key: str, what: str, why: str) -> Check[Evidence]:
    """That a container's namespace is its own: the key of HostConfig must not say `host`."""

    def look(one: Container) -> str | None:
        return f"it shares the VM's {what}" if one.config[key] == "host" else None

    setting = "network_mode" if key == "NetworkMode" else f"{key.removesuffix('Mode').lower()}"
    fix = f"Take {setting}: host out of docker-compose.yml."
    return Check(f"CIS-{number}", level, f"No host shares the VM's {what}", why, fix, CONFIG, each(look))


CHECKS: tuple[Check[Evidence], ...] = (
    Check(
        "CIS-5.5",
        Level.HIGH,
        "No host mounts a folder of the VM but the lab's own",
        "Who has /, /etc or /var/run of the VM can become its root.",
        "Take the volume out of docker-compose.yml, or move what is needed into the checkout.",
        MOUNTS,
        _folders,
    ),
    Check(
        "CTR-WRITABLE",
        Level.MEDIUM,
        "Hosts read what they mount of the VM, and write none of it",
        "A host that was taken could rewrite the firewall's rules or Nginx's settings.",
        "Append :ro to the volume in docker-compose.yml; what a host writes goes into a named volume.",
        MOUNTS,
        each(_writable),
    ),
    Check(
        "CIS-5.7",
        Level.LOW,
        "No port below 1024 of the VM leads to a host",
        "Such ports are what others take for the VM's own services.",
        "Set EDGE_PORT and its like in .env to ports from 1024 up.",
        PORTS,
        each(_low_ports),
    ),
    Check(
        "CIS-5.8",
        Level.HIGH,
        "No port of the VM leads to a host but those of docker-compose.yml",
        "A published port goes past the router and past the VM's own firewall.",
        "make up puts the containers back to what docker-compose.yml says.",
        PORTS,
        _published,
    ),
    _namespace(
        "5.9",
        Level.HIGH,
        "NetworkMode",
        "network",
        "There it could listen and sniff as the VM itself, past the router.",
    ),
    Check(
        "CIS-5.13",
        Level.HIGH,
        "Ports are published on the VM's loopback alone",
        "The engine's rules come before the VM's own firewall, so ufw does not close a published port.",
        'Write the address in docker-compose.yml: ports: ["127.0.0.1:8080:80"].',
        PORTS,
        each(_interfaces),
    ),
    _namespace(
        "5.15",
        Level.HIGH,
        "PidMode",
        "processes",
        "There it sees every process of the VM, with their environment, and can kill those of its user.",
    ),
    _namespace(
        "5.16",
        Level.MEDIUM,
        "IpcMode",
        "shared memory",
        "Shared memory of the VM's programs could be read and written.",
    ),
    Check(
        "CIS-5.19",
        Level.MEDIUM,
        "No host's mounts appear in the VM",
        "With shared propagation a host can mount over folders that the VM uses.",
        "Take shared and rshared out of the volumes of docker-compose.yml.",
        MOUNTS,
        each(_propagation),
    ),
    _namespace("5.20", Level.LOW, "UTSMode", "name", "It could change the name of the VM."),
    Check(
        "CIS-5.29",
        Level.MEDIUM,
        "No host is on the engine's default bridge",
        "There it would meet containers that are not the lab's, and go past the router.",
        "Give the service its zone under networks in docker-compose.yml.",
        "docker network inspect bridge --format '{{json .Containers}}'",
        each(_default_bridge),
    ),
    _namespace(
        "5.30",
        Level.HIGH,
        "UsernsMode",
        "users",
        "Where the engine gives containers users of their own, this takes them back.",
    ),
    Check(
        "CIS-5.31",
        Level.HIGH,
        "No host has the engine's socket",
        "Who can talk to the engine can start a privileged container: it is root on the VM.",
        "Take the volume out of docker-compose.yml.",
        MOUNTS,
        each(_socket),
    ),
)
