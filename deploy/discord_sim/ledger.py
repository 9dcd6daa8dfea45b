"""What the stand-in got: every message, in order, in memory and (if a path is given) in a JSONL file.

Messages are kept as encoded JSON lines: a message in the guide's format takes 2 kB so, and four times as
much as a Python string, because of its emoji. Memory is bounded: only the newest are held, as many as `KEPT`
and `KEPT_BYTES` allow, while the counters and the file go on for ever.

Not thread-safe; the caller holds the lock.
"""

from __future__ import annotations

import json
import re
from collections import Counter, deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

KEPT = 20_000  # messages
KEPT_BYTES = 48_000_000  # of them: all 20,000 in the guide's format, some 5,000 full ones in the compact one

# How a ticket begins in the course guide's format (a line of its own), and in the compact one.
TICKET = re.compile(r"^🎟 (?:Ticket )?(\d+)(?=\s*$| [▲●▼?] )", re.MULTILINE)


class Ledger:
    """An append-only list of messages, and how often each ticket id was seen in them."""

    def __init__(self, path: Path | None = None) -> None:
        """Open the ledger and read what an earlier run kept.

        Raises OSError if `path` can't be used, ValueError if it holds something else.
        """
        self._path = path
        self._lines: deque[bytes] = deque()
        self._bytes = 0
        self.received = 0
        self.tickets: Counter[int] = Counter()
        if path is not None:
            self._load(path)

    def add(self, message: dict[str, Any]) -> None:
        """Keep a message (at least `id` and `content`); the ticket ids found in it are added to it."""
        text = "\n".join([message["content"], *message.get("embeds", [])])
        message = message | {"tickets": [int(number) for number in TICKET.findall(text)]}
        line = json.dumps(message, ensure_ascii=False).encode(errors="replace") + b"\n"
        if self._path is not None:
            with self._path.open("ab") as file:
                file.write(line)
        self._remember(line, message)

    def lines(self) -> list[bytes]:
        """Return the messages held in memory, oldest first, each as one line of JSON."""
        return list(self._lines)

    def newest(self, count: int) -> Iterator[dict[str, Any]]:
        """Yield the newest messages, newest first."""
        for line, _ in zip(reversed(self._lines), range(count), strict=False):
            yield json.loads(line)

    def clear(self) -> None:
        """Forget everything, the file's content too."""
        if self._path is not None:
            self._path.write_bytes(b"")
        self._lines.clear()
        self._bytes = 0
        self.tickets.clear()
        self.received = 0

    def _remember(self, line: bytes, message: dict[str, Any]) -> None:
        self._lines.append(line)
        self._bytes += len(line)
        while self._bytes > KEPT_BYTES or len(self._lines) > KEPT:
            self._bytes -= len(self._lines.popleft())
        self.tickets.update(message["tickets"])
        self.received += 1

    def _load(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = 0
        with path.open("a+b") as file:
            file.seek(0)
            for number, line in enumerate(file, start=1):
                if not line.endswith(b"\n"):
                    break
                self._remember(line, _parse(line, f"{path}, line {number}"))
                whole += len(line)
            # A line cut short by a crash was never answered as kept; without it the next one starts clean.
            file.truncate(whole)


def _parse(line: bytes, where: str) -> dict[str, Any]:
    try:
        message: dict[str, Any] = json.loads(line)
        [int(number) for number in message["tickets"]]
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"{where} is not a message of the stand-in's") from None
    return message
