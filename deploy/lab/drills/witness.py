"""The ledger brought here line by line while it is written, so that it outlives the load's own host."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.errors import ExitCode, LabError
from lab.load import drive
from lab.load.hosts import Hosts

FILE = "ledger.jsonl"
PATIENCE = 60.0  # seconds until the first ticket is acknowledged
GOODBYE = 10.0  # seconds for the last lines, once the load has ended
# Follows the file until the Locust whose id is in the file beside it has ended, and its last line is here.
FOLLOW = f"""
until [ -s "$0/pid" ] && [ -e "$0/{FILE}" ]; do sleep 0.1; done
exec tail --lines +1 --follow --sleep-interval 0.2 --pid "$(cat "$0/pid")" "$0/{FILE}"
"""


@contextmanager
def following(hosts: Hosts, folder: Path) -> Iterator[Path]:
    """Have the ledger of the run in `folder` in that folder, up to date within half a second."""
    file = folder / FILE
    argv = hosts.argv(hosts.judge, ["sh", "-c", FOLLOW, drive.remote(folder)], {})
    with file.open("wb") as into:
        process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=into, stderr=subprocess.DEVNULL, start_new_session=True
        )
    try:
        yield file
        process.wait(GOODBYE)
    except subprocess.TimeoutExpired:
        raise LabError("the ledger has no end; run the drill again", ExitCode.UNMEASURED) from None
    finally:
        process.kill()
        process.wait()


def wait_for_first(file: Path, is_over: Callable[[], bool]) -> None:
    """Return when a first ticket is acknowledged; raises LabError (exit code 3) if none is in time.

    Returns early if the load is over, whose own error says more.
    """
    deadline = time.monotonic() + PATIENCE
    while '"acknowledged"' not in file.read_text(errors="replace") and not is_over():
        if time.monotonic() > deadline:
            raise LabError("no ticket was filed before the drill; see: make status", ExitCode.UNMEASURED)
        time.sleep(0.2)
