"""summary.json: what a run's numbers say, under which conditions, and whether it passed."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from lab.errors import ExitCode, LabError
from lab.load import shares, steady, thresholds
from lab.load.percentiles import Percentiles
from lab.load.plan import Plan
from lab.load.records import Records, Texts
from lab.load.repeat import commands
from lab.load.steady import Window
from lab.load.thresholds import Judged
from link.condition import to_json

FILE = "summary.json"
BUSY = 429
ANY_FAILURE = re.compile(r"\d+ of \d+ requests failed")  # as locustfiles/common/report.py says it


def write(folder: Path, rows: Records, plan: Plan, conditions: Mapping[str, Any]) -> dict[str, Any]:
    """Sum up the run that was read from a folder, in that folder; returns what was written.

    `conditions` is what it ran under.
    """
    found = {"run": folder.name, **summarise(rows, plan, conditions)}
    text = json.dumps(_without_nan(found), indent=1, ensure_ascii=False)
    (folder / FILE).write_text(text + "\n", encoding="utf-8")
    return found


def load(folder: Path) -> dict[str, Any]:
    """What was written; raises LabError (exit code 2) for a folder that has none."""
    try:
        found = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LabError(f"{folder} has no {FILE} that can be read ({error})", ExitCode.USAGE) from None
    return dict(found)


def summarise(rows: Records, plan: Plan, conditions: Mapping[str, Any]) -> dict[str, Any]:
    """All figures: times in ms, rates per second, shares as fractions, moments in seconds since the begin."""
    window = steady.window(rows)
    measured = window.of(rows)
    judged = [
        thresholds.judge(one, rows, measured, window.seconds) for one in thresholds.parse_all(plan.fail_if)
    ]
    little, interactive = steady.little(rows), steady.interactive(rows)
    return {
        "label": plan.label,
        "plan": {**asdict(plan), "link": to_json(plan.link) if plan.link is not None else None},
        "repeat": commands(plan),
        "verdict": _verdict(rows, judged),
        "conditions": dict(conditions),
        "measured_part": {"from": window.begin, "to": window.end, "why": window.why},
        "requests": len(rows),
        "failures": int(rows.failed.sum()),
        "errors": _counts(rows.error[rows.failed]),
        "measured": _figures(measured, window),
        "by_name": _by_name(rows, measured, window),
        "status": _counts(np.array([f"{code:.0f}" for code in rows.status], dtype=object)),
        "rate_limited": _rate_limited(rows),
        "balance": _balance(measured),
        "cache": _counts(rows.cache[rows.cache != ""]),
        "little": asdict(little) if little else None,
        "interactive": asdict(interactive) if interactive else None,
        "thresholds": [asdict(one) for one in judged],
        **{key: rows.run.get(key) for key in ("open_loop", "workers", "events", "exceptions", "saturated")},
    }


def verdict_line(summary: Mapping[str, Any]) -> str:
    """The verdict in one sentence, with its reasons."""
    return str(summary["verdict"]["sentence"])


def _verdict(rows: Records, judged: Sequence[Judged]) -> dict[str, Any]:
    """The run's own verdict and that of the thresholds."""
    reasons = _own_reasons(rows, judged)
    reasons += [f"{one.told} crosses the threshold" for one in judged if one.crossed]
    code = int(rows.run.get("code", ExitCode.FAILED))
    if code != ExitCode.USAGE:
        code = ExitCode.FAILED if reasons else ExitCode.PASSED
    passed = f"PASSED: {len(rows):,} requests, {_failed(rows)}" + (f"; {_kept(judged)}" if judged else "")
    sentence = passed if code == ExitCode.PASSED else f"FAILED: {'; '.join(reasons) or 'see the log'}"
    return {"code": code, "passed": code == ExitCode.PASSED, "sentence": sentence, "reasons": reasons}


def _own_reasons(rows: Records, judged: Sequence[Judged]) -> list[str]:
    """Why Locust failed the run. A failed request is one, unless a threshold says how many may fail."""
    reasons = [str(reason) for reason in rows.run.get("reasons", [])]
    if any(one.text.startswith("failures") for one in judged):
        reasons = [reason for reason in reasons if not ANY_FAILURE.fullmatch(reason)]
    return reasons


def _failed(rows: Records) -> str:
    failed = int(rows.failed.sum())
    return f"{failed} failed" if failed else "none failed"


def _kept(judged: Sequence[Judged]) -> str:
    return "within " + ", ".join(one.told for one in judged)


def _figures(rows: Records, window: Window) -> dict[str, Any]:
    times = shares.means(rows)
    return {
        "requests": len(rows),
        "failures": int(rows.failed.sum()),
        "rate": len(rows) / window.seconds if window.seconds > 0 else 0.0,
        "response_ms": asdict(Percentiles.of(rows.response_ms)),
        "service_ms": asdict(Percentiles.of(rows.service_ms)),
        "time_ms": times,
        "bytes_in": float(np.nansum(rows.bytes_in)),
    }


def _by_name(rows: Records, measured: Records, window: Window) -> list[dict[str, Any]]:
    pairs = sorted(set(zip(rows.method, rows.name, strict=True)), key=lambda pair: (pair[1], pair[0]))
    return [
        {"method": method, "name": name, **_figures(_named(measured, method, name), window)}
        for method, name in pairs
    ]


def _named(rows: Records, method: str, name: str) -> Records:
    return rows.where((rows.name == name) & (rows.method == method))


def _rate_limited(rows: Records) -> dict[str, Any]:
    refused = rows.status == BUSY
    first = float(rows.sent[refused].min()) if refused.any() else None
    return {
        "requests": int(refused.sum()),
        "share": float(refused.mean()) if len(rows) else 0.0,
        "first": first,
    }


def _balance(rows: Records) -> dict[str, Any]:
    replicas = sorted(set(rows.served_by) - {""})
    served = {name: rows.where(rows.served_by == name) for name in replicas}
    return {
        name: {
            "requests": len(own),
            "share": len(own) / sum(map(len, served.values())),
            "median_ms": Percentiles.of(own.service_ms).p50,
        }
        for name, own in served.items()
    }


def _counts(values: Texts) -> dict[str, int]:
    return dict(Counter(values.tolist()).most_common())


def _without_nan(value: Any) -> Any:  # noqa: ANN401  # any JSON value
    """The value with None for NaN, which JSON has not got."""
    if isinstance(value, dict):
        return {key: _without_nan(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(one) for one in value]
    return None if isinstance(value, float) and math.isnan(value) else value
