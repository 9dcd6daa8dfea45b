"""One runner for all experiments: cell by cell, again where a busy VM may have spoilt one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from lab.errors import ExitCode, LabError
from lab.experiments.model import Cell, Done, Experiment, Point, Scope
from lab.experiments.site import Site
from lab.lifecycle import Say
from lab.load import records, session, steady
from lab.load.records import Records

TAKES = 3  # how often a cell is measured in all, if it cannot be or its points disagree; the last one counts
FAILED = 0.05  # share of failed requests beyond which a cell tells nothing of the others


@dataclass(frozen=True)
class Take:
    """A cell as it was measured last: which take that was, its folder, and whether the generator kept up."""

    done: Done
    number: int
    folder: Path
    saturated: bool


@dataclass(frozen=True)
class Outcome:
    """What an experiment came to."""

    experiment: Experiment
    scope: Scope
    folder: Path
    takes: tuple[Take, ...]
    points: tuple[Point, ...]
    sentence: str

    @property
    def code(self) -> ExitCode:
        """1 if a prediction is missed; 3 if a generator that did not keep up may be the reason for it."""
        missed = {point.cell for point in self.points if not point.agrees}
        if not missed:
            return ExitCode.PASSED
        spoilt = any(take.saturated for take in self.takes if take.done.cell.name in missed)
        return ExitCode.UNMEASURED if spoilt else ExitCode.FAILED


def run(experiment: Experiment, site: Site, runs: Path, say: Say, *, quick: bool = False) -> Outcome:
    """Measure all cells, and see what their points show; the runs of load are in the outcome's folder.

    Raises LabError (exit code 3) for a cell that could not be measured. Whatever happens, the link and the
    settings of the lab are afterwards as they were before.
    """
    scope = site.scope(quick=quick)
    cells = list(experiment.cells(scope))
    folder = session.new_folder(runs, f"experiment-{experiment.name}")
    takes = _measured(cells, site, folder, say)
    points = _points(experiment, cells, takes, scope)
    for _ in range(TAKES - 1):
        wrong = {point.cell for point in points if not point.agrees}
        if not wrong or not experiment.repeatable:
            break
        say(f"{len(wrong)} of {len(cells)} cells are not as predicted; measuring them and their base again")
        base = {point.cell for point in points if point.predicted is None}
        takes |= _measured([cell for cell in cells if cell.name in wrong | base], site, folder, say)
        points = _points(experiment, cells, takes, scope)
    last = tuple(takes[cell.name] for cell in cells)
    sentence = experiment.conclusion(points, [take.done for take in last], scope)
    return Outcome(experiment, scope, folder, last, tuple(points), sentence)


def _points(
    experiment: Experiment, cells: Sequence[Cell], takes: dict[str, Take], scope: Scope
) -> Sequence[Point]:
    return experiment.points([takes[cell.name].done for cell in cells], scope)


def _measured(cells: Sequence[Cell], site: Site, folder: Path, say: Say) -> dict[str, Take]:
    """The cells by name, measured in their order; neighbours with the same settings share them."""
    takes: dict[str, Take] = {}
    for changes, alike in groupby(cells, key=lambda cell: dict(cell.changes)):
        with site.varied(changes, say):
            for cell in alike:
                say(f"cell {len(takes) + 1} of {len(cells)}: {cell.name}")
                takes[cell.name] = _insisting(cell, site, folder, say)
    return takes


def _insisting(cell: Cell, site: Site, folder: Path, say: Say) -> Take:
    """The cell as soon as it can be measured: a VM that is busy for a moment is not what it asks for."""
    for _ in range(TAKES - 1):
        try:
            return _take(cell, site, folder, say)
        except LabError as error:
            if error.exit_code != ExitCode.UNMEASURED:
                raise
            say(f"{error}; trying once more")
    return _take(cell, site, folder, say)


def _take(cell: Cell, site: Site, folder: Path, say: Say) -> Take:
    plan = replace(cell.plan, label=f"{folder.name}: {cell.name}")
    ran = site.load(plan, folder, say)
    number = 1 + sum(1 for _ in folder.glob(f"{cell.name}-take-*"))
    named = ran.folder.rename(folder / f"{cell.name}-take-{number}")
    rows = records.read(named)
    _must_tell(cell, rows, named)
    window = steady.window(rows)
    effort = {**ran.cpu, **{f"generator {one['id']}": _seconds(one, rows) for one in rows.run["workers"]}}
    began = rows.run["began"]
    busy = ran.busy(began + window.begin, began + window.end)
    done = Done(cell, window.of(rows), window.seconds, len(rows), effort, busy)
    return Take(done, number, named, bool(rows.run.get("saturated")))


def _seconds(worker: Mapping[str, Any], rows: Records) -> float:
    """The processor seconds that a generator took during the run."""
    length: float = rows.run["ended"] - rows.run["began"]
    return float(worker["cpu_share"]) * length


def _must_tell(cell: Cell, rows: Records, folder: Path) -> None:
    """Raise LabError (exit code 3) if so much went wrong that the rest means nothing."""
    failed = int(rows.failed.sum())
    if failed > FAILED * len(rows) or not len(rows):
        why = f": {rows.error[rows.failed][0]}" if failed else ""
        said = f"in cell {cell.name} {failed} of {len(rows)} requests failed{why}"
        raise LabError(f"{said}; see {folder}", ExitCode.UNMEASURED)
    if rows.run.get("code") == ExitCode.USAGE:
        said = "; ".join(rows.run.get("reasons", []))
        raise LabError(f"cell {cell.name} could not be run: {said}", ExitCode.UNMEASURED)
