"""A run's folder, read: requests.csv as numpy columns, a row for each request that ended, and run.json."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lab.errors import ExitCode, LabError
from lab.load.percentiles import NAN, Column

Texts = NDArray[np.object_]
REQUESTS, RUN = "requests.csv", "run.json"
AT_ONCE = 50_000  # rows that are text at a time: a row of text takes ten times the memory of its numbers
NUMBERS = (
    *("sent", "intended", "status", "service_ms", "response_ms", "connect_ms", "tls_ms", "first_byte_ms"),
    *("edge_ms", "app_ms", "db_ms", "bytes_in"),
)


@dataclass(frozen=True)
class Records:
    """The requests of a run in the order of their ends; in numbers, empty is NaN.

    sent and intended: seconds since the run began. Names ending in _ms: milliseconds. status: 0 if no answer
    came. error: empty for success. run: what run.json says.
    """

    run: dict[str, Any]
    sent: Column
    intended: Column
    scenario: Texts
    method: Texts
    name: Texts
    status: Column
    error: Texts
    service_ms: Column
    response_ms: Column
    connect_ms: Column
    tls_ms: Column
    first_byte_ms: Column
    edge_ms: Column
    app_ms: Column
    db_ms: Column
    bytes_in: Column
    served_by: Texts
    cache: Texts
    request_id: Texts
    source: Texts
    worker: Texts

    def __len__(self) -> int:
        return len(self.sent)

    @property
    def failed(self) -> NDArray[np.bool_]:
        """Which requests failed."""
        return np.asarray(self.error != "", dtype=bool)

    @property
    def ended(self) -> Column:
        """When each request ended, in seconds since the run began."""
        return self.sent + self.service_ms / 1000

    def where(self, mask: NDArray[np.bool_]) -> Records:
        """Only the requests that the mask picks."""
        return replace(self, **{name: getattr(self, name)[mask] for name in COLUMNS})

    def between(self, begin: float, end: float) -> Records:
        """Only the requests that were sent from `begin` to before `end`, in seconds since the run began."""
        return self.where((self.sent >= begin) & (self.sent < end))


COLUMNS = tuple(field.name for field in fields(Records) if field.name != "run")
IN_ORDER = list(range(len(COLUMNS)))


def read(folder: Path) -> Records:
    """Read a run's folder; raises LabError for what is no finished run.

    A last line that was not written to its end is left out.
    """
    run = _run(folder)
    parts = [_columns(rows) for rows in _chunks(folder / REQUESTS)]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in COLUMNS}
    for name in ("sent", "intended"):
        columns[name] = columns[name] - run["began"]
    return Records(run, **columns)


def _run(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / RUN).read_text())
        float(found["began"]), float(found["ended"])
    except OSError as error:
        raise _no_run(folder, f"{RUN} cannot be read ({error.strerror})") from None
    except (KeyError, TypeError, ValueError) as error:
        raise _no_run(folder, f"{RUN} is not what a run writes at its end ({error!r})") from None
    return dict(found)


def _chunks(file: Path) -> Iterator[list[list[str]]]:
    """Rows of text, each with its columns in our order; at least one chunk, which may be empty."""
    try:
        with file.open(newline="", encoding="utf-8") as stream:
            lines = csv.reader(_whole_lines(stream))
            order = _order(next(lines, []), file)
            width = max(order) + 1
            yield []
            for number in range(0, sys.maxsize, AT_ONCE):
                rows = list(islice(lines, AT_ONCE))
                if not rows:
                    return
                yield [_picked(row, order, width, file, number + at) for at, row in enumerate(rows, 2)]
    except OSError as error:
        raise _no_run(file.parent, f"{file.name} cannot be read ({error.strerror})") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise _no_run(file.parent, f"{file.name} is no table ({error})") from None


def _whole_lines(stream: Iterator[str]) -> Iterator[str]:
    """The lines that have an end: whatever stopped a run may have cut off its last line anywhere."""
    return (line for line in stream if line.endswith("\n"))


def _order(header: list[str], file: Path) -> list[int]:
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise _no_run(file.parent, f"{file.name} has no column {', '.join(missing)}")
    return [header.index(name) for name in COLUMNS]


def _picked(row: list[str], order: list[int], width: int, file: Path, line: int) -> list[str]:
    if len(row) < width:
        raise _no_run(file.parent, f"line {line} of {file.name} has {len(row)} fields instead of {width}")
    return row if order == IN_ORDER and len(row) == width else [row[place] for place in order]


def _columns(rows: list[list[str]]) -> dict[str, Any]:
    turned = list(zip(*rows, strict=True)) or [()] * len(COLUMNS)
    return {name: _column(name, texts) for name, texts in zip(COLUMNS, turned, strict=True)}


def _column(name: str, texts: tuple[str, ...]) -> Column | Texts:
    if name not in NUMBERS:
        return np.array([sys.intern(text) for text in texts], dtype=object)
    try:
        return np.array([float(text) if text else NAN for text in texts])
    except ValueError as error:
        raise LabError(f"{REQUESTS}: in column {name}, {error}; it is no run's", ExitCode.USAGE) from None


def _no_run(folder: Path, why: str) -> LabError:
    return LabError(f"{folder} is no finished run: {why}; make loadtest makes one in runs/", ExitCode.USAGE)
