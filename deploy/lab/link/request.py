"""What a student asks for, as the link that shall be. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from lab.errors import ExitCode, LabError
from link import options, profiles
from link.condition import Link
from link.units import ConditionError, seconds

DIRECTIONS = ("both", "up", "down")
MIN_TIME = 1.0
MAX_TIME = 86_400.0  # a day; what shall last longer needs no --for


@dataclass(frozen=True)
class Request:
    """The command line of `lab link set`; `texts` holds only the options that were given."""

    texts: Mapping[str, str]
    direction: str = "both"
    profile: str | None = None
    modify: bool = False
    lasts: str | None = None  # --for


def wanted(request: Request, current: Link) -> Link:
    """The link that the request describes; raises LabError (exit code 2) with one sentence."""
    try:
        return _wanted(request, current)
    except ConditionError as error:
        raise LabError(str(error), ExitCode.USAGE) from error


def known_profiles() -> Mapping[str, profiles.Profile]:
    """The ready-made links by name; raises LabError (exit code 2) if their file is wrong."""
    try:
        return profiles.load()
    except ConditionError as error:
        raise LabError(str(error), ExitCode.USAGE) from error


def duration(request: Request) -> float | None:
    """Seconds after which the link goes back to what it was; None for good."""
    if request.lasts is None:
        return None
    try:
        value = seconds(_as_seconds(request.lasts), "--for")
    except ConditionError as error:
        raise LabError(str(error).replace("40ms, 1.5s or 500us", "60s or 5m"), ExitCode.USAGE) from error
    if not MIN_TIME <= value <= MAX_TIME:
        raise LabError(
            f"--for {request.lasts} is not from 1s to 24h; write it like 60s or 5m", ExitCode.USAGE
        )
    return value


def _as_seconds(text: str) -> str:
    """Minutes and hours make sense here, though not for a packet."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(m|h)", text.strip())
    return f"{float(found[1]) * {'m': 60, 'h': 3600}[found[2]]}s" if found else text


def _wanted(request: Request, current: Link) -> Link:
    if request.direction not in DIRECTIONS:
        raise ConditionError(f"direction '{request.direction}' is unknown; use both, up or down")
    if request.profile is not None:
        return _of_profile(request)
    if not request.texts:
        raise ConditionError("nothing is set; add at least one of --delay, --loss, --rate, or --profile")
    ways = ("up", "down") if request.direction == "both" else (request.direction,)
    base = current if request.modify else Link()
    changes = {way: options.condition(request.texts, getattr(base, way)) for way in ways}
    return replace(base, **changes)


def _of_profile(request: Request) -> Link:
    if request.texts or request.modify:
        raise ConditionError("a profile sets the whole link; set it first, then change a value with --modify")
    link = profiles.get(request.profile or "").link
    ways = {"both": {}, "up": {"down": None}, "down": {"up": None}}[request.direction]
    return replace(link, **ways)
