"""One run of Locust on the lab's generators: started, waited for, and its files brought here."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from lab.errors import ExitCode, LabError
from lab.load.hosts import Hosts
from lab.load.plan import Plan, judge_words, locust_words
from lab.load.records import REQUESTS, RUN
from lab.process import run as run_

LOG = "locust.log"
TMP = "/tmp"  # noqa: S108 (on a generator: a tmpfs of the container's own)
# The web UI's own master and workers meet at 5557, and are left alone.
MASTER_PORT = 5560
# Seconds beside the run's own: for workers to come, for the last requests to end (stop-timeout in
# locust.conf) and to be reported.
SLACK = 60.0 + 16.0 + 30.0
GOODBYE = 25.0  # seconds that Locust may take to stop early: its last requests are waited for
# Keeps the process's id, so that it can be stopped: a signal to `docker exec` stays outside the container.
START = 'mkdir -p "$0" && echo $$ >"$0/pid" && exec "$@"'
# Ctrl-C may come before the program has written its id: half a second is looked for it.
STOP = 'for _ in 1 2 3 4 5; do [ -s "$0/pid" ] && break; sleep 0.1; done; kill -TERM "$(cat "$0/pid")"'


def run(hosts: Hosts, plan: Plan, folder: Path, say: Callable[[str], None]) -> None:
    """Run the plan; requests.csv, run.json and Locust's log are in `folder` then.

    Raises LabError: exit code 2 if Locust refused the plan, 3 if it did not come to an end of its own.
    """
    there = remote(folder)
    judge_host, worker_hosts = hosts.judge, _spread(hosts, plan.workers)
    with ExitStack() as stack, (folder / LOG).open("wb") as log:
        for host in dict.fromkeys([judge_host, *worker_hosts]):
            stack.callback(run_, hosts.argv(host, ["rm", "-rf", there], {}))
        words, env = _judge_words(plan), {"LAB_RUN_DIR": there}
        judge = stack.enter_context(_started(hosts, judge_host, there, words, env, log))
        for number, host in enumerate(worker_hosts, 1):
            own = f"{there}/worker-{number}"
            stack.enter_context(_started(hosts, host, own, _worker_words(hosts, plan), {}, log))
        say(f"{load_in_words(plan)}; Locust's own words go to {folder / LOG}")
        _wait(judge, plan.seconds + SLACK, folder)
        _fetch(hosts, judge_host, there, folder, judge.returncode)


def remote(folder: Path) -> str:
    """Where the files of the run in `folder` are on the generators, while it runs."""
    return f"{TMP}/run-{folder.name}"


def stop(hosts: Hosts, folder: Path) -> None:
    """Tell the run in `folder` to end now; nothing happens if it has ended."""
    run_(hosts.argv(hosts.judge, ["sh", "-c", STOP, remote(folder)], {}), timeout=GOODBYE)


def load_in_words(plan: Plan) -> str:
    """What load the plan makes."""
    much = f"{plan.rate:g} arrivals per second" if plan.rate else f"{plan.users} users"
    shape = f", shape {plan.shape}" if plan.shape else ""
    return f"{plan.scenario} with {much} for {plan.seconds:g} s{shape}"


def _judge_words(plan: Plan) -> list[str]:
    words = ["locust", "--headless", *locust_words(plan), *judge_words(plan)]
    if plan.workers:
        words += ["--master", "--master-bind-port", str(MASTER_PORT), "--expect-workers", str(plan.workers)]
    return words


def _worker_words(hosts: Hosts, plan: Plan) -> list[str]:
    there = ["--master-host", hosts.judge_address, "--master-port", str(MASTER_PORT)]
    return ["locust", "--worker", *there, *locust_words(plan)]


def _spread(hosts: Hosts, count: int) -> list[str]:
    """The host of each worker process; several share a host if there are fewer hosts."""
    there = hosts.workers if count else []
    return [there[number % len(there)] for number in range(count)]


@contextmanager
def _started(
    hosts: Hosts, host: str, remote: str, words: Sequence[str], env: Mapping[str, str], log: IO[bytes]
) -> Iterator[subprocess.Popen[bytes]]:
    """A program on a host; if it still runs at the end of the block, it is told to stop."""
    argv = hosts.argv(host, ["sh", "-c", START, remote, *words], env)
    process = None  # as it stays if Ctrl-C comes while the program starts, which then runs all the same
    try:
        # In a session of its own, so that Ctrl-C is ours alone: Locust is stopped where it really runs.
        process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
        yield process
    finally:
        if process is None or process.poll() is None:
            run_(hosts.argv(host, ["sh", "-c", STOP, remote], {}), timeout=GOODBYE)
        if process is not None:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(GOODBYE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait(judge: subprocess.Popen[bytes], patience: float, folder: Path) -> None:
    try:
        judge.wait(patience)
    except subprocess.TimeoutExpired:
        late = f"the run had not ended {SLACK:.0f} s after its time, and was stopped"
        raise LabError(f"{late}; see {folder / LOG}", ExitCode.UNMEASURED) from None


def _fetch(hosts: Hosts, host: str, remote: str, folder: Path, code: int) -> None:
    for name in (REQUESTS, RUN):
        with (folder / name).open("wb") as file:
            argv = hosts.argv(host, ["cat", f"{remote}/{name}"], {})
            done = subprocess.run(argv, stdout=file, stderr=subprocess.DEVNULL, check=False)
        if done.returncode:
            (folder / name).unlink()
            raise _failed(folder, code)


def _failed(folder: Path, code: int) -> LabError:
    """What to tell when Locust wrote no run: its last line, which is a sentence if it refused."""
    said = (folder / LOG).read_text(errors="replace").strip().rpartition("\n")[2] or "nothing"
    if code == ExitCode.USAGE:
        return LabError(f"Locust refused the run: {said}", ExitCode.USAGE)
    ended = f"Locust ended with exit code {code} and left no run; it said: {said}"
    return LabError(f"{ended}; see {folder / LOG}", ExitCode.UNMEASURED)
