"""What a container may do: capabilities, privileges, profiles, its user, its root file system."""

from __future__ import annotations

from lab.audit.containers.evidence import Container, Evidence, each, processes
from lab.audit.model import Check, Level

# Hosts that need more than nothing: the router forwards, filters and emulates links, and the client makes
# packets of its own (traceroute, nmap, tcpdump).
GRANTED = {"router": {"NET_ADMIN", "NET_RAW"}, "client": {"NET_RAW"}}
DEVICES = {"router": {"/dev/net/tun"}}  # link emulation where the kernel has none of its own
CONFIG = "docker inspect --format '{{.Name}} {{json .HostConfig}}' $(docker ps -q)"
TOP = "for id in $(docker ps -q); do docker top $id; done"


def _apparmor(one: Container) -> str | None:
    return "its AppArmor profile is off" if "apparmor=unconfined" in _options(one) else None


def _selinux(one: Container) -> str | None:
    return "its SELinux label is off" if "label=disable" in _options(one) else None


def _seccomp(one: Container) -> str | None:
    return "its seccomp filter is off" if "seccomp=unconfined" in _options(one) else None


def _capabilities(one: Container) -> str | None:
    added = {name.removeprefix("CAP_") for name in one.config["CapAdd"] or ()}
    dropped = {name.removeprefix("CAP_") for name in one.config["CapDrop"] or ()}
    if "ALL" not in dropped:
        return "it keeps the engine's usual capabilities"
    extra = sorted(added - GRANTED.get(one.host, set()))
    return f"it has {', '.join(extra)} besides" if extra else None


def _privileged(one: Container) -> str | None:
    return "it is privileged" if one.config["Privileged"] else None


def _new_privileges(one: Container) -> str | None:
    allowed = {"no-new-privileges", "no-new-privileges=true"} & _options(one)
    return None if allowed else "a setuid program can give it more privileges than it began with"


def _user(one: Container) -> str | None:
    user = one.body["Config"]["User"].split(":")[0]
    if user in ("", "0", "root"):
        return "it begins as root"
    rooted = sorted({process.name for process in processes(one) if process.uid == 0})
    return f"{', '.join(rooted)} runs as root" if rooted else None


def _read_only(one: Container) -> str | None:
    return None if one.config["ReadonlyRootfs"] else "its root file system can be written"


def _devices(one: Container) -> str | None:
    given = {device["PathOnHost"] for device in one.config["Devices"] or ()}
    extra = sorted(given - DEVICES.get(one.host, set()))
    return f"it has {', '.join(extra)}" if extra else None


def _sshd(one: Container) -> str | None:
    names = {process.name for process in processes(one)} & {"sshd", "dropbear"}
    return f"{names.pop()} runs in it" if names else None


def _options(one: Container) -> set[str]:
    """Its security options, in the one of their two spellings that has an equals sign."""
    return {option.replace(":", "=", 1) for option in one.config["SecurityOpt"] or ()}


CHECKS: tuple[Check[Evidence], ...] = (
    Check(
        "CIS-4.1",
        Level.MEDIUM,
        "No host runs as root",
        "Root in a container is root in the VM's kernel: one bug there, and the walls are gone.",
        "USER in deploy/images/Dockerfile, with a user of its own for each kind of host.",
        TOP,
        each(_user),
    ),
    Check(
        "CIS-5.1",
        Level.MEDIUM,
        "No host's AppArmor profile is off",
        "The profile keeps a container from mounting and from writing to /proc and /sys.",
        "Take apparmor:unconfined out of security_opt in docker-compose.yml.",
        CONFIG,
        each(_apparmor),
    ),
    Check(
        "CIS-5.2",
        Level.MEDIUM,
        "No host's SELinux label is off",
        "Where the VM has SELinux, the label keeps a container from other containers' files.",
        "Take label:disable out of security_opt in docker-compose.yml.",
        CONFIG,
        each(_selinux),
    ),
    Check(
        "CIS-5.3",
        Level.HIGH,
        "Every host has dropped all capabilities but those it needs",
        "The engine's usual fourteen let a container forge packets, change owners and make device nodes.",
        "cap_drop: [ALL] in docker-compose.yml, and cap_add only for router and client.",
        CONFIG,
        each(_capabilities),
    ),
    Check(
        "CIS-5.4",
        Level.HIGH,
        "No host is privileged",
        "A privileged container has every capability and every device of the VM: it is the VM.",
        "Take privileged out of docker-compose.yml; cap_add and devices give what a host needs by name.",
        CONFIG,
        each(_privileged),
    ),
    Check(
        "CIS-5.6",
        Level.MEDIUM,
        "No host runs an SSH server",
        "make shell needs none; a server is one more door, with passwords and keys of its own.",
        "Take it out of the image; use make shell HOST=app1.",
        TOP,
        each(_sshd),
    ),
    Check(
        "CIS-5.12",
        Level.MEDIUM,
        "Every host's root file system is read-only",
        "An intruder cannot leave anything behind in a file system that nobody can write.",
        "read_only: true in docker-compose.yml, and a tmpfs or a volume for what must be written.",
        CONFIG,
        each(_read_only),
    ),
    Check(
        "CIS-5.17",
        Level.HIGH,
        "No host has a device of the VM but the router's TUN",
        "A disk as a device is all of the VM's files, past every permission.",
        "Take devices out of docker-compose.yml; /dev/net/tun for the router stays.",
        CONFIG,
        each(_devices),
    ),
    Check(
        "CIS-5.21",
        Level.MEDIUM,
        "No host's seccomp filter is off",
        "The filter refuses some forty system calls that no service needs and that kernel bugs hide behind.",
        "Take seccomp:unconfined out of security_opt in docker-compose.yml.",
        CONFIG,
        each(_seccomp),
    ),
    Check(
        "CIS-5.25",
        Level.MEDIUM,
        "No host can get new privileges",
        "Without it any setuid program in the image is a way from a service's user to root.",
        "security_opt: [no-new-privileges:true] in docker-compose.yml.",
        CONFIG,
        each(_new_privileges),
    ),
)
