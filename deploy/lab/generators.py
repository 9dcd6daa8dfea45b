"""The load generators: how many workers Locust's master has, and from which addresses they send.

A service that limits each client by its address (Nginx, the firewall, the application's throttle) sees one
client in a generator with one address. So a generator can have more of them, out of the clients network. It
may not give itself any (it has no NET_ADMIN, like every host but the router): they are added from outside,
by a container that shares its network, has that right for a moment, and is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lab import health, images, stage
from lab.engine import compose, container, docker, running
from lab.errors import ExitCode, LabError
from lab.settings import Settings
from lab.topology import Topology

MASTER, WORKER = "locust", "worker"
ZONE = "clients"
SPARE = range(128, 250)  # last bytes of the clients network that neither the plan nor the engine gives away


@dataclass(frozen=True)
class Generators:
    """How many workers, processes in each of them, and addresses of each (those of the master too)."""

    workers: int
    processes: int
    addresses: int

    def __str__(self) -> str:
        workers = _count(self.workers, "worker", "workers")
        processes = _count(self.processes, "process", "processes")
        return f"{workers} with {processes} and {_count(self.addresses, 'address', 'addresses')} each"


def wanted(settings: Settings) -> Generators:
    """What the settings say."""
    return Generators(*(int(settings[name]) for name in ("LOAD_WORKERS", "LOAD_PROCESSES", "LOAD_ADDRESSES")))


def settings_for(
    settings: Settings, workers: int | None, processes: int | None, addresses: int | None
) -> Settings:
    """The settings, with what is given here instead; raises LabError for what they do not allow."""
    given = {"LOAD_WORKERS": workers, "LOAD_PROCESSES": processes, "LOAD_ADDRESSES": addresses}
    return settings.replaced({name: str(value) for name, value in given.items() if value is not None})


def scaling(settings: Settings) -> list[str]:
    """The words that tell `compose up` how many workers there shall be."""
    return ["--scale", f"{WORKER}={settings['LOAD_WORKERS']}"]


def start(settings: Settings, plan: Topology, say: Callable[[str], None]) -> Generators:
    """Bring master and workers of a running lab to what the settings say."""
    container(settings.project, MASTER)
    _plan_addresses(plan, wanted(settings))  # before anything changes
    stage.prepare(settings, plan)
    say(f"starting {wanted(settings)}")
    compose(settings.project, "up", "--detach", "--no-build", "--no-deps", *scaling(settings), MASTER, WORKER)
    health.wait(settings.project, plan, [MASTER, WORKER], say)
    give_addresses(settings, plan)
    return wanted(settings)


def give_addresses(settings: Settings, plan: Topology) -> None:
    """Give each running generator its addresses; what it has already stays."""
    generators = [*running(settings.project, MASTER), *running(settings.project, WORKER)]
    for one, own in zip(generators, _plan_addresses(plan, wanted(settings)), strict=False):
        if own:
            _add(one, own, plan.zones[ZONE].subnet.prefixlen)


def _plan_addresses(plan: Topology, asked: Generators) -> list[list[str]]:
    """Further addresses of the master and of each worker; raises LabError if there are not enough."""
    more, generators = asked.addresses - 1, asked.workers + 1
    if more * generators > len(SPARE):
        most = len(SPARE) // generators + 1
        raise LabError(
            f"{asked.addresses} addresses for each of {generators} generators (the master is one) are more "
            f"than the clients network can spare; ask for at most {most}: make locust ADDRESSES={most}",
            ExitCode.USAGE,
        )
    spare = [str(plan.zones[ZONE].subnet[byte]) for byte in SPARE]
    return [spare[number * more : (number + 1) * more] for number in range(generators)]


def _add(one: str, addresses: Sequence[str], prefix_length: int) -> None:
    # The interface's name differs between engines, but the generator has just one besides lo.
    device = docker("exec", one, "sh", "-c", "ls /sys/class/net | grep -v '^lo$'").strip()
    batch = "".join(f"addr replace {address}/{prefix_length} dev {device}\n" for address in addresses)
    docker(
        *("run", "--rm", "--interactive", "--network", f"container:{one}"),
        *("--cap-drop", "ALL", "--cap-add", "NET_ADMIN", "--read-only", "--entrypoint", "ip"),
        *(images.name("router"), "-batch", "-"),
        stdin=batch,
    )


def _count(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"
