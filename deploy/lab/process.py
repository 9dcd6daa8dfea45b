"""Running other programs, with their last words kept for the error message."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence

from lab.errors import ExitCode, LabError


def run(
    argv: Sequence[str],
    *,
    stdin: str | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a program and return its exit code and output; a missing program counts as exit code 127."""
    try:
        return subprocess.run(
            argv, input=stdin, env=env, timeout=timeout, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        return subprocess.CompletedProcess(argv, 127, "", str(error))
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(argv, 124, "", f"no answer from {argv[0]} after {timeout} s")


def output(argv: Sequence[str], what: str, **options: object) -> str:
    """A program's standard output; a LabError that begins with `what` if it fails."""
    done = run(argv, **options)  # type: ignore[arg-type]  # the options are run()'s own
    if done.returncode != 0:
        raise LabError(f"{what}: {last_words(done)}", ExitCode.UNMEASURED)
    return done.stdout


def last_words(done: subprocess.CompletedProcess[str], lines: int = 3) -> str:
    """The last lines a program said, on one line."""
    said = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
    return " / ".join(said[-lines:]) or f"exit code {done.returncode} without a word"
