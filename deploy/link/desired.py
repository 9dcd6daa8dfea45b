"""What each zone's link is asked to be, until when, and what it was before; kept in a file."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from link.condition import Link, from_json, to_json
from link.units import ConditionError

NOTHING = Link()


@dataclass(frozen=True)
class Wish:
    """A zone's link; with `until` (seconds on the monotonic clock) it goes back to `before` by then."""

    link: Link
    until: float | None = None
    before: Link = NOTHING


class Desired:
    """All zones' wishes, kept in a file that is replaced as a whole, so that a new supervisor finds them."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._wishes: dict[str, Wish] = {}

    def load(self) -> None:
        """Take up what the file says, if there is one that can be read."""
        try:
            document = json.loads(self._file.read_text())
            self._wishes = {zone: _wish(body) for zone, body in document.items()}
        except FileNotFoundError:
            self._wishes = {}

    def link(self, zone: str) -> Link:
        """What the zone's link shall be now."""
        return self._wishes[zone].link if zone in self._wishes else NOTHING

    def zones(self) -> list[str]:
        """The zones with a condition."""
        return list(self._wishes)

    def seconds_left(self, zone: str, now: float) -> float | None:
        """How long the zone's condition still holds; None for good."""
        until = self._wishes[zone].until if zone in self._wishes else None
        return None if until is None else max(0.0, until - now)

    def set(self, zone: str, link: Link, now: float, seconds: float | None = None) -> None:
        """Wish for this link, for good or for so many seconds, after which the last lasting one returns."""
        temporary = seconds is not None and Wish(link, now + seconds, self._lasting(zone))
        self._put(zone, temporary or Wish(link))
        self._save()

    def end_in(self, zone: str, now: float, seconds: float) -> None:
        """Let the zone's condition, if it is one with an end, last so many seconds from now."""
        wish = self._wishes.get(zone)
        if wish is not None and wish.until is not None:
            self._put(zone, replace(wish, until=now + seconds))
            self._save()

    def expire(self, now: float) -> list[str]:
        """Revert what has had its time; returns the zones that changed."""
        over = [zone for zone, wish in self._wishes.items() if wish.until is not None and wish.until <= now]
        for zone in over:
            self._put(zone, Wish(self._wishes[zone].before))
        if over:
            self._save()
        return over

    def next_expiry(self) -> float | None:
        """When the next one is over."""
        return min((wish.until for wish in self._wishes.values() if wish.until is not None), default=None)

    def restore(self, zone: str, wish: Wish | None) -> None:
        """Put back a wish as `wish` gave it."""
        self._put(zone, wish or Wish(NOTHING))
        self._save()

    def wish(self, zone: str) -> Wish | None:
        """The zone's wish as it stands."""
        return self._wishes.get(zone)

    def _lasting(self, zone: str) -> Link:
        wish = self._wishes.get(zone, Wish(NOTHING))
        return wish.link if wish.until is None else wish.before

    def _put(self, zone: str, wish: Wish) -> None:
        if wish.link or wish.until is not None:
            self._wishes[zone] = wish
        else:
            self._wishes.pop(zone, None)

    def _save(self) -> None:
        document = {
            zone: {"link": to_json(wish.link), "until": wish.until, "before": to_json(wish.before)}
            for zone, wish in self._wishes.items()
        }
        draft = self._file.with_suffix(".new")
        draft.write_text(json.dumps(document, indent=1))
        draft.replace(self._file)


def _wish(body: dict[str, Any]) -> Wish:
    try:
        return Wish(from_json(body["link"]), body["until"], from_json(body["before"]))
    except (KeyError, ConditionError) as error:
        raise ConditionError(f"conditions.json is not what this program writes: {error}") from error
