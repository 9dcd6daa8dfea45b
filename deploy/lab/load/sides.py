"""The two sides of a comparison: which runs are meant, and under which conditions they were made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.errors import ExitCode, LabError
from lab.load import steady, summary
from lab.load.bootstrap import Measured
from lab.load.records import RUN, Records, read
from lab.load.session import RUNS

LATEST = ("latest", "previous")
OF_THE_PLAN = ("shape", "users", "rate", "arrivals", "seconds", "workers", "via", "keep_alive", "think_time")


@dataclass(frozen=True)
class Side:
    """One side: its runs' folders, requests and summaries."""

    folders: tuple[Path, ...]
    runs: tuple[Records, ...]
    summaries: tuple[Mapping[str, Any], ...]

    @property
    def name(self) -> str:
        """The runs' names."""
        return ", ".join(folder.name for folder in self.folders)

    @property
    def measured(self) -> list[Measured]:
        """The measured part of each run."""
        windows = [(run, steady.window(run)) for run in self.runs]
        return [Measured(window.of(run), window.begin, window.seconds) for run, window in windows]


def named(a: str, b: str, runs: Path = RUNS) -> tuple[Side, Side]:
    """Read both sides, each a run or several with commas; raises LabError (exit code 2) for no run."""
    return _side(a, runs), _side(b, runs)


def must_be_comparable(a: Side, b: Side) -> None:
    """Raise LabError (exit code 2) for runs of different scenarios, or one that measured nothing."""
    first = _scenario(a.runs[0])
    for folder, run in zip((*a.folders, *b.folders), (*a.runs, *b.runs), strict=True):
        if _scenario(run) != first:
            differ = f"{a.folders[0].name} is a run of {first} and {folder.name} one of {_scenario(run)}"
            raise LabError(f"{differ}, which cannot be compared; name runs of one scenario", ExitCode.USAGE)
        if not len(steady.window(run).of(run)):
            raise LabError(f"{folder.name} measured no request; name a run that did", ExitCode.USAGE)


def differences(a: Side, b: Side) -> Iterator[tuple[str, str, str]]:
    """The conditions in which the sides differ: name, A's and B's value."""
    left, right = ([_flat(one) for one in side.summaries] for side in (a, b))
    for name in dict.fromkeys(name for one in (*left, *right) for name in one):
        values = [
            " or ".join(dict.fromkeys(one.get(name, "unknown") for one in side)) for side in (left, right)
        ]
        if values[0] != values[1]:
            yield name, values[0], values[1]


def _side(names: str, runs: Path) -> Side:
    folders = tuple(_folder(name.strip(), runs) for name in names.split(",") if name.strip())
    if not folders:
        raise LabError("a side names no run; write it like A=latest or A=one,two", ExitCode.USAGE)
    return Side(folders, tuple(map(read, folders)), tuple(map(summary.load, folders)))


def _folder(name: str, runs: Path) -> Path:
    if name in LATEST:
        there = sorted(file.parent for file in runs.glob(f"*/{RUN}"))
        back = LATEST.index(name) + 1
        if len(there) < back:
            raise LabError(f"there is no {name} run in {runs}; make loadtest makes one", ExitCode.USAGE)
        return there[-back]
    for folder in (runs / name, Path(name)):
        if folder.is_dir():
            return folder
    raise LabError(
        f"there is no run '{name}', neither in {runs} nor by that path; try latest", ExitCode.USAGE
    )


def _scenario(run: Records) -> str:
    return ", ".join(run.run.get("scenarios") or ["nothing"])


def _flat(found: Mapping[str, Any]) -> dict[str, str]:
    there = found["conditions"]
    link: Sequence[Mapping[str, str]] = there.get("link", {}).get("checks", [])
    return {
        **{name: str(found["plan"][name]) for name in OF_THE_PLAN},
        "link": str(there.get("link", {}).get("words", "unknown")),
        **{check["what"]: check["measured"] for check in link if check["what"].startswith("round trip")},
        **{name: str(value) for name, value in there.get("settings", {}).items()},
        **{f"version of {name}": str(value) for name, value in there.get("versions", {}).items()},
        "commit": str(there.get("commit", "unknown")),
    }
