"""Load during which something else happens: a block that begins once requests flow."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from lab.errors import ExitCode, LabError
from lab.exercises.bench import RunningLab
from lab.generators import MASTER
from lab.load import drive, records
from lab.load.plan import Plan

FIRST = 20  # requests on record that show a load to be under way
PATIENCE = 90.0  # seconds until it must be; on a quiet VM it takes some seven
PAUSE = 0.5
UNDER_WAY = f"""for file in {drive.TMP}/run-*/{records.REQUESTS}; do
    [ -e "$file" ] && [ "$(wc -l <"$file")" -gt {FIRST} ] && echo "$file"
done; true"""


@contextmanager
def sending(lab: RunningLab, *plans: Plan) -> Iterator[None]:
    """The loads of these plans, all at once, for the block: it begins when each has sent some requests, and
    after it their ends are waited for. When one takes too long to begin, LabError with exit code 3.
    """
    with ThreadPoolExecutor(len(plans)) as pool:
        over = [pool.submit(lab.load, plan) for plan in plans]
        _wait(lab, over)
        yield
        for one in over:
            one.result()


def _wait(lab: RunningLab, over: Sequence[Future[Any]]) -> None:
    deadline = time.monotonic() + PATIENCE
    while len(lab.run(MASTER, "sh", "-c", UNDER_WAY).split()) < len(over):
        for one in over:
            if one.done():
                one.result()  # raises what was in its way
        if time.monotonic() > deadline:
            raise LabError("the load does not begin; see make status", ExitCode.UNMEASURED)
        time.sleep(PAUSE)
