"""When a run fails: thresholds such as `p95>300ms`, in the manner of k6's.

    [service.]METRIC[{name=REQUEST}] > LIMIT

METRIC is a time (`p50` … `p99.9`, `median`, `mean`, `max`, with a limit in ms or s), a share (`failures`, or
a status such as `429` or `5xx`, with a limit in %), or `rate` (with a limit in /s). `service.` counts a time
from when the request was sent, not from when it was due. `{name=…}` narrows it to one row of the statistics.
`<` fails the run below the limit. Times and rate are those of the measured part of the run; shares are the
whole run's, since a request that fails while users still arrive has failed, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from lab.errors import ExitCode, LabError
from lab.load import percentiles
from lab.load.records import Records

FORM = re.compile(
    r"(?P<metric>[a-z0-9.]+)\s*(\{\s*name\s*=\s*(?P<name>[^}]+?)\s*\})?\s*(?P<sign>[<>])\s*"
    r"(?P<number>\d+(\.\d+)?)\s*(?P<unit>ms|s|%|/s)"
)
# What parts two thresholds: it follows a unit, and stands neither in braces nor before a sign.
BETWEEN = re.compile(r"(?<=[s%])[\s,;]+(?![^{]*\}|\s*[<>{])")
TIME = re.compile(r"(service\.)?(median|mean|max|p(?P<percent>\d{1,2}(\.\d+)?))")
SHARE = re.compile(r"failures|[1-5](\d\d|xx)")
SCALES = {"ms": 1.0, "s": 1000.0, "%": 0.01, "/s": 1.0}
UNITS = {"time": ("ms", "s"), "share": ("%",), "rate": ("/s",)}
EXAMPLE = "'p95>300ms', 'failures>0.1%', '429>1%', 'rate<50/s' or 'p99{name=/api/tickets/}>1s'"


@dataclass(frozen=True)
class Threshold:
    """One threshold; the limit is in ms, as a fraction, or in requests per second."""

    text: str
    kind: str  # time, share or rate
    metric: str
    name: str | None
    above: bool
    limit: float


@dataclass(frozen=True)
class Judged:
    """A threshold and what the run came to; `value` is None if there was no such request."""

    text: str
    value: float | None
    limit: float
    crossed: bool
    told: str


def parse_all(texts: Iterable[str]) -> list[Threshold]:
    """Read each text; raises LabError (exit code 2) that says which is wrong, where, and the right form."""
    return [parse(text) for text in texts]


def split(text: str) -> list[str]:
    """The thresholds in one text, which spaces, commas or semicolons part."""
    return [one for one in BETWEEN.split(text) if one]


def parse(text: str) -> Threshold:
    """Read one threshold."""
    found = FORM.fullmatch(text.strip())
    if not found:
        raise _refused(text, f"cannot be read from {_rest(text)} on")
    kind = _kind(found["metric"])
    if kind is None:
        raise _refused(text, f"has no metric '{found['metric']}' (a time, 'failures', a status or 'rate')")
    if found["unit"] not in UNITS[kind]:
        units = " or ".join(UNITS[kind])
        raise _refused(text, f"has a limit in {found['unit']}, but {found['metric']} is counted in {units}")
    limit = float(found["number"]) * SCALES[found["unit"]]
    return Threshold(text.strip(), kind, found["metric"], found["name"], found["sign"] == ">", limit)


def judge(threshold: Threshold, everything: Records, measured: Records, seconds: float) -> Judged:
    """Hold a run to a threshold; `measured` are the requests of its measured part of so many seconds."""
    value = _value(threshold, everything, measured, seconds)
    crossed = value is None or (value > threshold.limit if threshold.above else value < threshold.limit)
    told = f"{threshold.text} ({_told(threshold, value)})"
    return Judged(threshold.text, value, threshold.limit, crossed, told)


def _kind(metric: str) -> str | None:
    if TIME.fullmatch(metric):
        return "time"
    if SHARE.fullmatch(metric):
        return "share"
    return "rate" if metric == "rate" else None


def _rest(text: str) -> str:
    """The text from where it stops being like a threshold."""
    parts = (
        r"[a-z0-9.]+",
        r"\s*(\{\s*name\s*=\s*[^}]+\})?\s*",
        r"[<>]",
        r"\s*\d+(\.\d+)?",
        r"\s*(ms|s|%|/s)",
    )
    rest = text.strip()
    for part in parts:
        found = re.match(part, rest)
        if not found:
            break
        rest = rest[found.end() :]
    return f"'{rest}'" if rest else "its end"


def _refused(text: str, why: str) -> LabError:
    return LabError(f"the threshold '{text}' {why}; write it like {EXAMPLE}", ExitCode.USAGE)


def _value(threshold: Threshold, everything: Records, measured: Records, seconds: float) -> float | None:
    rows = everything if threshold.kind == "share" else measured
    if threshold.name is not None:
        rows = rows.where(rows.name == threshold.name)
    if threshold.kind == "rate":
        return len(rows) / seconds if seconds else None
    if not len(rows):
        return None
    return _share(threshold.metric, rows) if threshold.kind == "share" else _time(threshold.metric, rows)


def _share(metric: str, rows: Records) -> float:
    if metric == "failures":
        return float(np.mean(rows.failed))
    digits = metric.rstrip("x")
    return float(np.mean(rows.status // 10 ** (3 - len(digits)) == int(digits)))


def _time(metric: str, rows: Records) -> float:
    times = rows.service_ms if metric.startswith("service.") else rows.response_ms
    word = metric.removeprefix("service.")
    if word == "mean":
        return float(times.mean())
    shares = {"median": 50.0, "max": 100.0}
    return percentiles.at(times, shares[word] if word in shares else float(word[1:]))


def _told(threshold: Threshold, value: float | None) -> str:
    if value is None:
        return "no such request was made"
    if threshold.kind == "time":
        return f"it was {percentiles.shown(value)}"
    return f"it was {value * 100:.3g} %" if threshold.kind == "share" else f"it was {value:.4g}/s"
