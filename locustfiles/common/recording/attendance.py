"""Which workers the master has, had, and lost."""

import time

import gevent  # type: ignore[import-untyped]
from locust.runners import STATE_MISSING, MasterRunner

from common.recording.judge import Judge

# How long a worker may take to report, once its last request has ended.
FAREWELL_SECONDS = 5.0


def look(runner: MasterRunner, judge: Judge) -> None:
    """Note who has come, and who has gone that was not told to.

    Of a worker that is killed, the master notices after some five seconds without its heartbeat.
    """
    here = {client.id for client in runner.clients.all if client.state != STATE_MISSING}
    for client in here:
        judge.crew.join(client)
    lose(judge, set(judge.crew.members) - here)


def lose(judge: Judge, ids: set[str]) -> None:
    """Count the workers as lost, each once."""
    for member in judge.crew.lose(ids):
        judge.note(f"generator {member.id} was lost")


def dismiss(runner: MasterRunner, judge: Judge, stop_timeout: float) -> None:
    """Tell all workers to end, and wait until each has sent its last report, but not for ever."""
    look(runner, judge)
    runner.send_message("quit")
    deadline = time.monotonic() + stop_timeout + FAREWELL_SECONDS
    while runner.worker_count and time.monotonic() < deadline:
        gevent.sleep(0.1)
    lose(judge, set(runner.clients))  # who took leave is not among them any more
