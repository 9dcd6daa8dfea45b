"""What a run may choose beyond Locust's own options, on the command line and in the web UI.

Here they are declared and checked. `--think-time` is applied here too; the others by whoever makes the
connections (common/wire.py) or the arrivals (common/openloop), from `environment.parsed_options`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from common import targets
from common.made_up import chance
from common.refusal import RefusedError

if TYPE_CHECKING:  # so that what is checked can be tested without Locust
    from locust import User
    from locust.argument_parser import LocustArgumentParser
    from locust.event import Events

CHOICES: Mapping[str, tuple[str, ...]] = {
    "via": (targets.EDGE, "app1", "app2", "app3"),
    "arrivals": ("poisson", "even"),
    "keep_alive": ("on", "off"),
    "sources": ("one", "spread"),
}
# Nobody's thoughts come in step: each pause is drawn evenly from this share of the mean to that.
SHORTEST, LONGEST = 0.5, 1.5


def watch(events: Events) -> None:
    """Have Locust know the options, in every process that loads a scenario."""
    events.init_command_line_parser.add_listener(declare)  # type: ignore[no-untyped-call]


def declare(parser: LocustArgumentParser) -> None:
    """Declare them; in the web UI those with choices become lists to choose from."""
    _choice(parser, "via", "who is asked: the edge, or one replica directly, past Nginx")
    parser.add_argument(
        "--rate",
        type=float,
        default=0.0,
        metavar="R",
        env_var=_variable("rate"),
        help="open loop: R arrivals a second over all generators, however slow the answers; 0 = closed loop",
    )
    _choice(parser, "arrivals", "open loop: at random (a Poisson process) or evenly spaced")
    parser.add_argument(
        "--think-time",
        default="",
        metavar="S",
        env_var=_variable("think_time"),
        help="mean pause between a user's tasks in seconds; empty = the scenario's own",
    )
    _choice(parser, "keep_alive", "off: a new connection for each request")
    _choice(parser, "sources", "spread: users take turns over all addresses of this host")


def check(given: Mapping[str, object]) -> None:
    """Raise RefusedError unless what is given of the options, as values or as a form's texts, can be used."""
    for name, choices in CHOICES.items():
        if name in given and given[name] not in choices:
            raise RefusedError(f"{_flag(name)} is {given[name]!r}, but must be one of {', '.join(choices)}.")
    targets.replica(str(given.get("via", targets.EDGE)))
    if "rate" in given:
        _number("rate", given["rate"], "0 or more arrivals a second, such as 50")
    think_time(given)


def think_time(given: Mapping[str, object]) -> float | None:
    """Return the mean think time that was chosen, in seconds; None for the scenario's own."""
    text = str(given.get("think_time", "")).strip()
    return _number("think_time", text, "0 or more seconds, such as 1.5, or empty") if text else None


def set_pace(user: User) -> None:
    """Give a user, before it starts, the think time of this run, if one was chosen."""
    options = user.environment.parsed_options
    mean = think_time(vars(options)) if options else None
    if mean is not None:
        pause = partial(_pause, mean)
        user.wait_time = pause  # type: ignore[method-assign] # this user's, in place of its class's


def _pause(mean: float) -> float:
    return mean * chance.uniform(SHORTEST, LONGEST)


def _choice(parser: LocustArgumentParser, name: str, help_text: str) -> None:
    choices = CHOICES[name]
    parser.add_argument(
        _flag(name), choices=choices, default=choices[0], env_var=_variable(name), help=help_text
    )


def _number(name: str, value: object, form: str) -> float:
    try:
        number = float(str(value))
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise RefusedError(f"{_flag(name)} is {str(value)!r}, but must be {form}.")
    return number


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _variable(name: str) -> str:
    return f"LOCUST_{name.upper()}"  # as for Locust's own options
