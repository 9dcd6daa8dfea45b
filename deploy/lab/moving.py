"""Moving the lab from one database to the other, with all that is in it."""

from __future__ import annotations

import subprocess

from lab import database, images, lifecycle, stage
from lab.engine import compose, compose_words
from lab.errors import ExitCode, LabError
from lab.lifecycle import Say
from lab.settings import Settings
from lab.topology import ONE_SHOT, Topology

KINDS = ("sqlite", "postgres")


def move(to: str, say: Say, *, force: bool) -> tuple[Settings, Topology]:
    """Copy everything into the database `to`, and let the lab run on that from now on.

    Nobody can write meanwhile: the hosts that do are stopped before, and run again afterwards, on the
    database that they had if the copy fails. Raises LabError for a target that the lab runs on already, for
    one that holds data unless `force` says that it may go, and when the copy is not what it was made from.
    """
    loaded, plan = lifecycle.current()
    if to not in KINDS:
        raise LabError(f"there is no database '{to}'; name {' or '.join(KINDS)}", ExitCode.USAGE)
    if to == loaded["DB"]:
        raise LabError(f"the lab runs on {to} already; nothing is to be copied", ExitCode.USAGE)
    lifecycle.must_exist(loaded)
    writers = [name for name in lifecycle.services(loaded, plan) if plan.hosts[name].asks_database]
    images.build_all(say)
    stage.prepare(loaded, plan)
    say(f"stopping {', '.join(writers)}, so that nothing is filed meanwhile")
    compose(loaded.project, "stop", "--timeout", "10", *writers)
    try:
        lifecycle.start_database(loaded, plan, say)
        _copy(loaded, plan, to, say, force=force)
    except BaseException:
        say(f"the lab goes on with {loaded['DB']}")
        lifecycle.up(say)
        raise
    return lifecycle.up(say, to)


def _copy(loaded: Settings, plan: Topology, to: str, say: Say, *, force: bool) -> None:
    say(f"copying from {loaded['DB']} to {to}, and comparing")
    words = ["python", "manage.py", "copy_database", database.url(loaded["DB"], plan)]
    target = f"DATABASE_URL={database.url(to, plan)}"
    run_once = ("run", "--rm", "--no-deps", "-T", "-e", target, ONE_SHOT)
    argv = compose_words(loaded.project, *run_once, *words, *(["--force"] if force else []))
    done = subprocess.run(argv, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise LabError(_reason(done.stderr))
    for line in done.stdout.strip().splitlines():
        say(line)


def _reason(said: str) -> str:
    """The sentence of the command, in the words of the verb that it was started with."""
    last = next((line for line in reversed(said.strip().splitlines()) if "Nothing was copied" in line), "")
    sentence = last.partition("Nothing was copied: ")[2] or f"the copy failed: {said.strip()[-300:]}"
    return "nothing was copied: " + sentence.removesuffix(".").replace("--force", "FORCE=1")
