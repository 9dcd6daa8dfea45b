"""The way past the reverse proxy: open for the load generators' addresses while a run needs it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from lab.engine import docker, running
from lab.firewall import direct
from lab.firewall.site import Containers, Site
from lab.generators import MASTER, WORKER
from lab.lifecycle import Say
from lab.load.plan import Plan
from lab.settings import Settings

# Seconds that a run takes at most beside its own time. Should this program die, the router closes the way.
AROUND = 300.0
OWN = "ip -4 -o address show scope global | awk '{ split($4, a, \"/\"); print a[1] }'"


@contextmanager
def opened(settings: Settings, plan: Plan, say: Say, site: Site | None = None) -> Iterator[None]:
    """Let the generators reach the app servers directly for the block, if the plan goes via one of them.

    Raises LabError: exit code 3 if no generator runs, or if the firewall in force knows no such way.
    """
    if plan.via == "edge":
        yield
        return
    router, sources = site or Containers(settings), addresses(settings)
    say(f"the firewall lets {', '.join(sources)} reach {plan.via} past the edge for a while")
    direct.allow(router, sources, math.ceil(plan.seconds + AROUND))
    try:
        yield
    finally:
        direct.forbid(router, sources)


def addresses(settings: Settings) -> Sequence[str]:
    """Every address from which master and workers can send."""
    generators = [*running(settings.project, MASTER), *running(settings.project, WORKER)]
    return [address for one in generators for address in docker("exec", one, "sh", "-c", OWN).split()]
