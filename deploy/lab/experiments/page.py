"""What an experiment leaves: cells.json for a script, plot.svg, and a page that needs nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from math import isfinite
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from lab.errors import ExitCode
from lab.experiments import plot
from lab.experiments.model import Axis, Point
from lab.experiments.runner import Outcome, Take
from lab.load.conditions import commit
from lab.load.repeat import commands

CELLS, PLOT, PAGE = "cells.json", "plot.svg", "page.html"
VERDICTS = {
    ExitCode.PASSED: "as predicted",
    ExitCode.FAILED: "not as predicted",
    ExitCode.UNMEASURED: "not measured: a generator did not keep up",
}


def write(outcome: Outcome) -> Path:
    """Write all three into the experiment's folder; returns the page."""
    picture = plot.svg(outcome.experiment, outcome.points)
    (outcome.folder / PLOT).write_text(picture, encoding="utf-8")
    text = json.dumps(document(outcome), indent=1, ensure_ascii=False)
    (outcome.folder / CELLS).write_text(text + "\n", encoding="utf-8")
    page = outcome.folder / PAGE
    page.write_text(_render(outcome, picture), encoding="utf-8")
    return page


def document(outcome: Outcome) -> dict[str, Any]:
    """All that an experiment found, as JSON values; what is not a finite number is null."""
    return {
        "experiment": outcome.experiment.name,
        "question": outcome.experiment.question,
        "theory": outcome.experiment.theory,
        "quick": outcome.scope.quick,
        "cores": outcome.scope.cores,
        "commit": commit(),
        "sentence": outcome.sentence,
        "code": int(outcome.code),
        "points": [_finite({**asdict(point), "agrees": point.agrees}) for point in outcome.points],
        "cells": [_finite(_cell(take)) for take in outcome.takes],
    }


def _cell(take: Take) -> dict[str, Any]:
    cell = take.done.cell
    return {
        "name": cell.name,
        "folder": take.folder.name,
        "take": take.number,
        "saturated": take.saturated,
        "settings": dict(cell.changes),
        # make loadtest knows no HTTPS.
        "repeat": [] if cell.plan.host else commands(cell.plan),
        "requests": len(take.done.rows),
        "seconds": take.done.seconds,
        "cpu_seconds": dict(take.done.cpu),
        "vm_busy": take.done.busy,
    }


def _finite(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: None if isinstance(value, float) and not isfinite(value) else value
        for name, value in values.items()
    }


def _render(outcome: Outcome, picture: str) -> str:
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined
    )
    templates.globals |= {"shown": shown, "expected": expected}
    experiment = outcome.experiment
    return templates.get_template("page.html.jinja").render(
        experiment=experiment,
        outcome=outcome,
        verdict=VERDICTS[outcome.code],
        passed=outcome.code == ExitCode.PASSED,
        # The picture is our own; its texts were escaped when it was drawn.
        picture=Markup(picture),  # noqa: S704
        cells=[_cell(take) for take in outcome.takes],
        found=document(outcome),
        again=f"make experiment NAME={experiment.name}{' QUICK=1' if outcome.scope.quick else ''}",
    )


def shown(value: float, axis: Axis) -> str:
    """A value as people read it on this axis."""
    if not isfinite(value):
        return "no limit" if value > 0 else "none"
    return f"{value:.2%}" if axis.share else f"{value:,.4g}"


def expected(point: Point, axis: Axis) -> str:
    """What was predicted, with its bounds."""
    if point.predicted is None:
        return "calibrates the others"
    if not isfinite(point.low):
        return f"at most {shown(point.predicted, axis)}"
    low, high = shown(point.low, axis), shown(point.high, axis)
    return f"{shown(point.predicted, axis)} ({low} to {high})"
