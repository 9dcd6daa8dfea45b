"""From what a student writes (--delay 40ms --loss 1%) to a condition."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from link.condition import DISTRIBUTIONS, Condition, queue_packets
from link.gilbert import Gilbert
from link.units import ConditionError, bits_per_second, fraction, queue_length, seconds

MODEL = re.compile(r"gilbert\((?P<chances>[^()]*)\)")
PLAIN: dict[str, Callable[[str, str], float]] = {
    "delay": seconds,
    "jitter": seconds,
    "correlation": fraction,
    "loss": fraction,
    "rate": bits_per_second,
    "duplicate": fraction,
    "reorder": fraction,
}
NAMES = (*PLAIN, "distribution", "burst", "loss_model", "limit")


def condition(texts: Mapping[str, str], base: Condition | None = None) -> Condition:
    """The condition that these options describe, as changes of `base` or from nothing.

    Raises ConditionError with one sentence for a value that is not one, or that no link could have.
    """
    changes: dict[str, Any] = {
        name: parse(texts[name], name) for name, parse in PLAIN.items() if name in texts
    }
    base = base or Condition()
    if "distribution" in texts:
        changes["distribution"] = _distribution(texts["distribution"])
    if "limit" in texts:
        changes["limit"] = queue_packets(
            *queue_length(texts["limit"], "limit"), changes.get("rate", base.rate)
        )
    changes |= _loss(texts, changes.pop("loss", None))
    return replace(base, **changes)


def _distribution(text: str) -> str:
    if text not in DISTRIBUTIONS:
        raise ConditionError(f"distribution '{text}' is unknown; use {', '.join(DISTRIBUTIONS)}")
    return text


def _loss(texts: Mapping[str, str], share: float | None) -> dict[str, Any]:
    """The fields `loss` and `gilbert`, of which at most one means something; empty when neither was named."""
    if "loss_model" in texts:
        if share is not None or "burst" in texts:
            raise ConditionError(
                "loss is given twice; use --loss (with --burst, if in bursts) or --loss-model, not both"
            )
        return {"loss": 0.0, "gilbert": _model(texts["loss_model"])}
    if "burst" in texts:
        if share is None:
            raise ConditionError("--burst needs --loss beside it, such as --loss 2% --burst 5")
        return {"loss": 0.0, "gilbert": Gilbert.of(share, _burst(texts["burst"]))}
    return {} if share is None else {"loss": share, "gilbert": None}


def _burst(text: str) -> float:
    if not re.fullmatch(r"\d+(\.\d+)?", text):
        raise ConditionError(f"burst '{text}' is not a number of packets; write --burst 5")
    return float(text)


def _model(text: str) -> Gilbert:
    found = MODEL.fullmatch(text.replace(" ", ""))
    chances = found["chances"].split(",") if found else []
    if not 2 <= len(chances) <= 4:
        raise ConditionError(
            f"loss model '{text}' is unknown; write gilbert(ENTER,LEAVE[,LOSS-BAD[,LOSS-GOOD]]), "
            "such as gilbert(1%,20%)"
        )
    return Gilbert(*(fraction(chance, "a chance of the loss model") for chance in chances))
