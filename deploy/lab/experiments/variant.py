"""The lab with other settings for a while: more or fewer app servers, other workers, no micro-cache.

.env stays untouched. Should we die before putting the old values back, `make up` does it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from lab import health, lifecycle, stage
from lab.engine import compose
from lab.settings import Settings
from lab.topology import Topology

Say = Callable[[str], None]
# Whoever starts anew when one of the settings changes: app servers read WEB_…, the edge MICRO_CACHE and, by
# its list of upstreams, REPLICAS. Compose leaves alone those whose values stay the same.
AFFECTED = ("app1", "app2", "app3", "edge")
ALLOWED = frozenset({"REPLICAS", "WEB_WORKERS", "WEB_THREADS", "MICRO_CACHE"})


@contextmanager
def changed(settings: Settings, plan: Topology, changes: Mapping[str, str], say: Say) -> Iterator[Settings]:
    """Run the lab with these values; whatever happens meanwhile, the old ones come back.

    Yields the settings in force. Raises LabError (exit code 2) for a value that .env could not have, before
    anything changes.
    """
    assert set(changes) <= ALLOWED, changes  # noqa: S101  # an experiment of ours that asks for more is a mistake
    other = settings.replaced(dict(changes))
    if other == settings:
        yield settings
        return
    say(f"for a while: {', '.join(f'{name}={value}' for name, value in changes.items())}")
    try:
        _bring(other, plan, say)
        yield other
    finally:
        say(f"back to {', '.join(f'{name}={settings[name]}' for name in changes)}")
        _bring(settings, plan, say)


def _bring(settings: Settings, plan: Topology, say: Say) -> None:
    """Start those hosts anew whose values are others now, and wait until they serve."""
    stage.prepare(settings, plan)
    running = lifecycle.services(settings, plan)
    hosts = [name for name in AFFECTED if name in running]
    # Without their dependencies: the database is prepared already.
    compose(settings.project, "up", "--detach", "--no-build", "--no-deps", *hosts)
    lifecycle.remove_unwanted(settings, plan)
    health.wait(settings.project, plan, hosts, say)
