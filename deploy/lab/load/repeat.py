"""How to repeat a run: the make commands that make the same link and the same load. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from lab.load.plan import Plan
from link import profiles
from link.condition import Condition, Link
from link.gilbert import Gilbert

ONLY_HERE = ("DELAY", "LOSS")  # what `make loadtest` itself can say of a link, besides a profile


def commands(plan: Plan) -> list[str]:
    """The commands, one a line; `make link` before it sets a link that `make loadtest` cannot describe."""
    link_words, before = _link(plan.link)
    given = {
        "SCENARIO": plan.scenario,
        "SHAPE": plan.shape,
        "USERS": plan.users,
        "RATE": f"{plan.rate:g}" if plan.rate else None,
        "ARRIVALS": plan.arrivals if plan.rate and plan.arrivals != "poisson" else None,
        "TIME": f"{plan.seconds:g}s",
        **link_words,
        "WORKERS": plan.workers or None,
        "VIA": plan.via if plan.via != "edge" else None,
        "KEEP_ALIVE": None if plan.keep_alive else "off",
        "SOURCES": plan.sources if plan.sources != "one" else None,
        "THINK_TIME": None if plan.think_time is None else f"{plan.think_time:g}s",
        "FAIL_IF": " ".join(plan.fail_if) or None,
        "LABEL": plan.label or None,
    }
    return [*before, _line("make loadtest", {name: text for name, text in given.items() if text is not None})]


def _link(link: Link | None) -> tuple[dict[str, str], list[str]]:
    """What loadtest is told of the link, and the commands before it."""
    if link is None:
        return {}, []
    if not link:
        return {}, ["make link-clear ZONE=clients"]
    if profile := next((name for name, one in profiles.load().items() if one.link == link), None):
        return {"PROFILE": profile}, []
    words = {way: _words(one) for way, one in (("up", link.up), ("down", link.down)) if one is not None}
    if link.up == link.down and set(words["up"]) <= set(ONLY_HERE):
        return words["up"], []
    if link.up == link.down:
        return {}, [_line("make link ZONE=clients", words["up"])]
    # The first command states the whole link, the second adds to it.
    return {}, [
        _line("make link ZONE=clients", {**one, "DIRECTION": way, **({"MODIFY": "1"} if number else {})})
        for number, (way, one) in enumerate(words.items())
    ]


def _words(one: Condition) -> dict[str, str]:
    given = {
        "DELAY": one.delay and f"{one.delay * 1e3:.6g}ms",
        "JITTER": one.jitter and f"{one.jitter * 1e3:.6g}ms",
        "DISTRIBUTION": one.jitter and one.distribution,
        "CORRELATION": one.correlation and f"{one.correlation * 100:.6g}%",
        "LOSS": one.loss and f"{one.loss * 100:.6g}%",
        "LOSS_MODEL": one.gilbert and _model(one.gilbert),
        "RATE": one.rate and f"{one.rate / 1e3:.9g}kbit",
        "LIMIT": one.limit and f"{one.limit}p",
        "DUPLICATE": one.duplicate and f"{one.duplicate * 100:.6g}%",
        "REORDER": one.reorder and f"{one.reorder * 100:.6g}%",
    }
    return {name: str(text) for name, text in given.items() if text}


def _model(model: Gilbert) -> str:
    chances = (model.enter, model.leave, model.loss_bad, model.loss_good)
    return f"gilbert({','.join(f'{chance * 100:.6g}%' for chance in chances)})"


def _line(command: str, given: Mapping[str, object]) -> str:
    return " ".join([command, *(f"{name}={shlex.quote(str(text))}" for name, text in given.items())])
