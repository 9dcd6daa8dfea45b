"""Numbers as students write them: "80 ms", "0.08 s", "3 %". A unit is asked back, never guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

NUMBER = re.compile(
    r"(?P<number>[+-]?(?:\d+(?:[.,]\d+)?|[.,]\d+)(?:e[+-]?\d+)?)\s*(?P<unit>.*)", re.IGNORECASE
)
KINDS = {bool: "true or false", list: "a list", dict: "a table"}


class QuantityError(ValueError):
    """What is wrong with a text and how to write it: the end of a sentence that says where."""


@dataclass(frozen=True)
class Dimension:
    """A kind of quantity. `units` are those it is shown in, `spellings` others that people write.

    Each maps a unit to how many base units it is (s, bit/s, bytes, a fraction, per second, or a count).
    Nobody means millibits by "mbit", so case is looked at only where a unit is written exactly.
    """

    name: str
    units: Mapping[str, float]
    example: str
    spellings: Mapping[str, float] = field(default_factory=dict)
    bare: bool = False  # a number without a unit is whole: a count

    def parse(self, value: object) -> float:
        """The value in base units; raises QuantityError."""
        if type(value) in KINDS or not isinstance(value, int | float | str):
            told = KINDS.get(type(value), f"a {type(value).__name__}")
            raise QuantityError(f"is {told}, not {self.name}; write it like {self.example}")
        found = NUMBER.fullmatch(str(value).strip())
        if not found:
            raise QuantityError(f"'{value}' is not {self.name}; write it like {self.example}")
        return float(found["number"].replace(",", ".")) * self._scale(found["unit"].strip(), value)

    def show(self, value: float) -> str:
        """A value in base units, in the largest unit that it has at least one of."""
        rising = sorted(self.units.items(), key=lambda item: item[1])
        unit, scale = next((one for one in reversed(rising) if abs(value) >= one[1]), rising[0])
        return f"{value / scale:.4g} {unit}".strip()

    def _scale(self, unit: str, value: object) -> float:
        if not unit and not self.bare:
            raise QuantityError(f"'{value}' has no unit; write it like {self.example}")
        known = {"": 1.0, **self.spellings, **self.units} if self.bare else {**self.spellings, **self.units}
        folded = {name.casefold(): scale for name, scale in known.items()}
        scale = known.get(unit, folded.get(unit.casefold()))
        if scale is None:
            raise QuantityError(
                f"'{value}': '{unit}' is no unit of {self.name}; write it like {self.example}"
            )
        return scale


def _bits(prefixes: Mapping[str, float], unit: str, scale: float = 1.0) -> dict[str, float]:
    return {f"{prefix}{unit}": factor * scale for prefix, factor in prefixes.items()}


SI = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9}

TIME = Dimension(
    "a time",
    {"s": 1.0, "ms": 1e-3, "µs": 1e-6},
    '"80 ms" or "0.08 s"',
    {"us": 1e-6, "sec": 1.0, "seconds": 1.0, "milliseconds": 1e-3, "msec": 1e-3, "min": 60.0},
)
RATE = Dimension(
    "a rate",
    _bits(SI, "bit/s"),
    '"10 Mbit/s" or "1.25 MB/s"',
    {
        **_bits(SI, "bps"),
        **_bits(SI, "bit"),
        **_bits(SI, "bits/s"),
        **_bits(SI, "bits/sec"),  # iperf3 says the last
        **_bits(SI, "B/s", 8),
        **_bits(SI, "byte/s", 8),
        "bytes/s": 8.0,
    },
)
SIZE = Dimension(
    "an amount of data",
    _bits(SI, "B"),
    '"64 kB", "1448 bytes" or "1 MB"',
    {"bytes": 1.0, "byte": 1.0, "KiB": 1024.0, "MiB": 1024.0**2, **_bits(SI, "bit", 1 / 8), "bits": 1 / 8},
)
SHARE = Dimension("a share", {"%": 0.01}, '"3 %"', {"percent": 0.01})
PER_SECOND = Dimension(
    "a number per second",
    {"/s": 1.0},
    '"120 /s" or "120 requests/s"',
    dict.fromkeys(("1/s", "per second", "rps", "requests/s", "req/s", "messages/s"), 1.0),
)
COUNT = Dimension(
    "a number",
    {"": 1.0},
    "14",
    dict.fromkeys(("packets", "requests", "round trips", "users", "hosts", "messages", "times"), 1.0),
    bare=True,
)
