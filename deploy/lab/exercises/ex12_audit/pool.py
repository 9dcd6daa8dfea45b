"""All weaknesses that can be planted, by their words and by their layers."""

from __future__ import annotations

from collections.abc import Iterable

from lab.exercises.ex12_audit import at_the_edge, behind_it
from lab.exercises.ex12_audit.configuration import Configuration, shipped
from lab.exercises.ex12_audit.drawn import SHARES, Drawn
from lab.exercises.ex12_audit.weakness import Weakness
from lab.settings import Settings

POOL: dict[str, Weakness] = {one.word: one for one in (*at_the_edge.POOL, *behind_it.POOL)}
LAYERS: dict[str, tuple[str, ...]] = {
    layer: tuple(word for word, one in POOL.items() if one.layer == layer) for layer in SHARES
}


def planted(drawn: Drawn) -> list[Weakness]:
    """A student's eight."""
    return [POOL[word] for word in drawn.words]


def with_weaknesses(settings: Settings, drawn: Drawn, words: Iterable[str]) -> Configuration:
    """The shipped configuration with these planted in it."""
    configuration = shipped(settings, drawn)
    for word in words:
        POOL[word].plant(configuration, drawn)
    return configuration
