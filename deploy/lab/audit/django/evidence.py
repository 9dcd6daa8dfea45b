"""What the application says of its own settings: Django's deployment check, and what it does not look at.

All of it comes from two of Django's own commands, run on app1 with the lab's own settings; no value of a
setting that is a secret is ever shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lab.audit.model import Site, UnmeasuredError
from lab.engine import exec_argv
from lab.process import last_words, run

HOST = "app1"
SETTING = re.compile(r"^(?:### )?(?P<name>[A-Z][A-Z0-9_]*) = (?P<value>.*?)(?:  ###)?$", re.MULTILINE)


@dataclass(frozen=True)
class Evidence:
    """What `check --deploy` said, and every setting by its name, as Python would write its value."""

    checked: str
    settings: Mapping[str, str]


def gather(site: Site) -> Evidence:
    """Ask Django on app1; raises UnmeasuredError if it does not answer."""
    project = site.settings.project
    return Evidence(_manage(project, "check", "--deploy"), parsed(_manage(project, "diffsettings", "--all")))


def _manage(project: str, *words: str) -> str:
    done = run(exec_argv(project, HOST, ["python", "manage.py", *words]), timeout=150)
    if done.returncode not in (0, 1):  # 1: an error among the checks
        raise UnmeasuredError(f"manage.py {words[0]} on {HOST} failed: {last_words(done)}")
    return done.stdout + done.stderr


def parsed(printed: str) -> dict[str, str]:
    """Settings by name from what `diffsettings --all` printed."""
    return {found["name"]: found["value"] for found in SETTING.finditer(printed)}
