"""The process that judges a run, local or master: what it learns of the run while it goes, and its files."""

import json
import os
import time
from pathlib import Path
from typing import Any

from common.recording.crew import Crew, Report
from common.recording.records import HEADER
from common.refusal import RefusedError

VARIABLE = "LAB_RUN_DIR"


def folder() -> Path | None:
    """Return the folder that LAB_RUN_DIR names for the run's files, None if it names none.

    Raises RefusedError if it is not there.
    """
    named = os.environ.get(VARIABLE)
    if not named:
        return None
    if not Path(named).is_dir():
        raise RefusedError(f"{VARIABLE} names {named}, which is not a folder; make it: mkdir -p {named}.")
    return Path(named)


class Judge:
    """The course of one run, by the clock of this process; times are seconds since it began."""

    def __init__(self, into: Path | None = None) -> None:
        self.crew = Crew()
        self.began = time.time()
        self.events: list[tuple[float, str]] = []
        self.users_over_time: list[tuple[float, int]] = []
        self.trouble = ""  # with the files
        self._into = into
        self._all_there: float | None = None
        self._stopping: float | None = None
        self._write("requests.csv", HEADER, "w")

    @property
    def now(self) -> float:
        """Seconds since the run began."""
        return time.time() - self.began

    def absorb(self, member_id: str, report: Report) -> None:
        """Take a generator's report: note its first strain, and write its requests to requests.csv."""
        member = self.crew.join(member_id)
        if report["strains"] and not member.strains:
            when, strain = report["strains"][0]
            self.note(f"generator {member_id} {strain}", when - self.began)
        member.absorb(report)
        self._write("requests.csv", report["lines"], "a")

    def note(self, what: str, at: float | None = None) -> None:
        """Add to the run's events."""
        self.events.append((self.now if at is None else at, what))

    def tick(self, users: int) -> None:
        """Note how many users there are; about once a second."""
        self.users_over_time.append((self.now, users))

    def all_there(self) -> None:
        """Note that all users have started."""
        self._all_there = self._all_there or self.now

    def stopping(self) -> None:
        """Note that users are told to stop."""
        self._stopping = self.now

    def steady(self, *, shaped: bool) -> tuple[float, float]:
        """Return when the steady part began and ended: from when all users were there to when they stop.

        A run with a shape, or one that ended before all were there, has none, and counts as a whole.
        """
        begin, end = self._all_there, self._stopping
        if shaped or begin is None or end is None or begin >= end:
            return 0.0, max(self.crew.last_end, self.began + 1e-3) - self.began
        return begin, end

    def in_flight(self, *, shaped: bool) -> dict[str, float]:
        """Return the mean number of requests under way in the steady part, for run.json."""
        begin, end = self.steady(shaped=shaped)
        mean = self.crew.in_flight(self.began + begin, self.began + end)
        return {"from": round(begin, 3), "to": round(end, 3), "mean": round(mean, 4)}

    def write(self, outcome: dict[str, Any]) -> None:
        """Write run.json."""
        self._write("run.json", json.dumps(outcome, indent=1) + "\n", "w")

    def _write(self, name: str, text: str, mode: str) -> None:
        if self._into is None or not text:
            return
        try:
            with (self._into / name).open(mode, encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            self.trouble = f"cannot write {self._into / name} ({error.strerror})"
