"""Quantities as students write them (40ms, 10mbit, 1%) and as they are shown. A unit is never guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

NUMBER = re.compile(r"(?P<number>[+-]?(?:\d+\.?\d*|\.\d+))\s*(?P<unit>[A-Za-zµ%]*)")
# Fractions, so that 52ms is the very float that 52 / 1000 is (52 * 0.001 is not): conditions are compared.
ONE, THOUSAND, MILLION = Fraction(1), Fraction(1000), Fraction(10**6)
TIME = {"s": ONE, "ms": 1 / THOUSAND, "us": 1 / MILLION, "µs": 1 / MILLION}
RATE = {"bit": ONE, "kbit": THOUSAND, "mbit": MILLION, "gbit": Fraction(10**9)}
BYTES = {"b": ONE, "kb": THOUSAND, "mb": MILLION}
PACKETS = {"p": ONE, "packets": ONE}


class ConditionError(ValueError):
    """One sentence: which value is wrong, why, and what to write instead."""


def seconds(text: str, what: str) -> float:
    """A time such as 40ms, 1.5s or 500us, in seconds."""
    return _quantity(text, what, TIME, "40ms, 1.5s or 500us")


def bits_per_second(text: str, what: str) -> float:
    """A rate such as 10mbit, 512kbit or 1gbit (powers of ten, as tc has them), in bit/s."""
    return _quantity(text, what, RATE, "10mbit, 512kbit or 1gbit")


def fraction(text: str, what: str) -> float:
    """A percentage such as 1% or 0.5%, as a fraction from 0 to 1."""
    share = _quantity(text, what, {"%": Fraction(1, 100)}, "1% or 0.5%")
    if share > 1:
        raise ConditionError(f"{what} {text} is more than all packets; write at most 100%")
    return share


def queue_length(text: str, what: str) -> tuple[str, float]:
    """A queue limit: ("packets", n), ("bytes", n) or ("seconds", n) from 100p, 64kb or 50ms."""
    unit = _split(text, what, {**PACKETS, **BYTES, **TIME}, "100p (packets), 64kb or 50ms")[1]
    for kind, scales in (("packets", PACKETS), ("bytes", BYTES), ("seconds", TIME)):
        if unit in scales:
            return kind, _quantity(text, what, scales, "")
    raise AssertionError(unit)


def within(value: float, low: float, high: float, otherwise: str) -> None:
    """Raise ConditionError with the sentence `otherwise` unless the value lies between the two."""
    if not low <= value <= high:  # False for NaN too
        raise ConditionError(otherwise)


def _quantity(text: str, what: str, scales: Mapping[str, Fraction], examples: str) -> float:
    number, unit = _split(text, what, scales, examples)
    if number < 0:
        raise ConditionError(f"{what} {text} is negative; write {examples}")
    return float(number * scales[unit])


def _split(text: str, what: str, scales: Mapping[str, Fraction], examples: str) -> tuple[Fraction, str]:
    found = NUMBER.fullmatch(text.strip())
    if not found:
        raise ConditionError(f"{what} '{text}' is not a number with a unit; write it like {examples}")
    unit = found["unit"].lower()
    if not unit:
        raise ConditionError(f"{what} {text} has no unit; write it like {examples}")
    if unit not in scales:
        raise ConditionError(
            f"{what} {text}: '{found['unit']}' is not a unit for it; write it like {examples}"
        )
    return Fraction(found["number"]), unit


def show_time(value: float) -> str:
    """Seconds as people read them: 40 ms, 1.5 s."""
    if value >= 1:
        return f"{value:g} s"
    return f"{value * 1e3:.4g} ms" if value >= 1e-3 or value == 0 else f"{value * 1e6:.4g} µs"


def show_rate(value: float) -> str:
    """Bits per second as people read them: 10 Mbit/s."""
    for scale, unit in ((1e9, "Gbit/s"), (1e6, "Mbit/s"), (1e3, "kbit/s")):
        if value >= scale:
            return f"{value / scale:.4g} {unit}"
    return f"{value:.4g} bit/s"


def show_share(value: float) -> str:
    """A fraction as a percentage: 1 %."""
    return f"{value * 100:.4g} %"
