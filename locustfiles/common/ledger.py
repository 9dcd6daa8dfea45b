"""The ledger: what writers meant to file, and what they were told, one JSON object a line.

A line is in the file before the request leaves and as soon as its answer is there, so whatever stops this
process, an answer that a writer has is in the ledger. No fsync: the file outlives a killed process without.

`did` is one of: intend (a new ticket), acknowledged (201: `ticket` is its id), unknown (no answer, or one of
5xx: it may have been filed or not), refused (4xx: it was not). `at`: epoch seconds.
"""

import json
import os
import time
from dataclasses import dataclass
from uuid import uuid4

from common.recording import judge

FILE = "ledger.jsonl"


@dataclass(frozen=True, slots=True)
class Intention:
    """One ticket that a writer wants filed, under this key however often it is sent."""

    marker: str
    key: str


class Ledger:
    """The ledger of this process, in the run's folder; written nowhere if the run has none."""

    def __init__(self) -> None:
        folder = judge.folder()
        # The tickets' device, by which they are found again: the run's own name.
        self.run = folder.name if folder else f"ledger-{uuid4().hex[:8]}"
        mode = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        self._file = os.open(folder / FILE, mode, 0o644) if folder else None
        self._count = 0

    def intend(self) -> Intention:
        """Begin a new ticket."""
        self._count += 1
        new = Intention(f"{self.run}/{self._count}", str(uuid4()))
        self._write("intend", new.marker, key=new.key)
        return new

    def acknowledged(self, what: Intention, ticket: int) -> None:
        """Note that the service said it was filed, with this id."""
        self._write("acknowledged", what.marker, ticket=ticket)

    def unknown(self, what: Intention, status: int) -> None:
        """Note that it may have been filed or not; `status` is 0 if no answer came."""
        self._write("unknown", what.marker, status=status)

    def refused(self, what: Intention, status: int) -> None:
        """Note that the service refused it."""
        self._write("refused", what.marker, status=status)

    def _write(self, did: str, marker: str, **more: object) -> None:
        if self._file is not None:
            line = {"at": round(time.time(), 6), "did": did, "marker": marker, **more}
            os.write(self._file, (json.dumps(line) + "\n").encode())
