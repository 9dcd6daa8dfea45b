"""Markdown made from the lab's own files, so that the reference is never behind them."""

from __future__ import annotations

from collections.abc import Callable

from lab.docs.facts import Facts
from lab.docs.reference import addresses, api, options, verbs
from lab.errors import LabError

MADE: dict[str, Callable[[Facts], str]] = {
    "verbs": lambda _: verbs.tables(),
    "settings": lambda _: options.tables(),
    "hosts": addresses.hosts,
    "networks": addresses.networks,
    "flows": addresses.flows,
    "api": lambda _: api.pages(),
}


def make(name: str, facts: Facts) -> str:
    """The Markdown of that name; raises LabError for a name that is none."""
    if name not in MADE:
        raise LabError(f"'generated: {name}' names nothing; there are {', '.join(MADE)}")
    return MADE[name](facts)
