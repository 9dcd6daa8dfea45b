"""How much room the file system with the lab's database has left."""

from __future__ import annotations

from lab.engine import exec_argv
from lab.errors import LabError
from lab.preflight import Finding
from lab.process import run

LEAST = 256 * 2**20  # bytes; a backup, a migration and a day of load tests take about half of it
HOST, FOLDER = "app1", "/data"


def nearly_full(project: str) -> Finding | None:
    """A warning when less than LEAST is left; None when there is more, or the host does not run."""
    try:
        words = ["df", "--block-size=1", "--output=avail,size", FOLDER]
        done = run(exec_argv(project, HOST, words), timeout=20)
    except LabError:
        return None
    if done.returncode:
        return None
    free, size = (int(word) for word in done.stdout.splitlines()[-1].split())
    if free >= LEAST:
        return None
    return Finding(
        f"the database's file system has {free / 2**20:,.0f} MiB left of {size / 2**20:,.0f}; on a full one "
        "writes are answered 507",
        "make room on the VM, for instance with: docker image prune",
        warning=True,
    )
