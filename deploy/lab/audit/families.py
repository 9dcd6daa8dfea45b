"""Which families of checks there are; a module of `lab.audit` each, which names its checks as FAMILY."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

from lab.audit.model import Family
from lab.errors import ExitCode, LabError

NAMES: tuple[str, ...] = (
    "api",
    "containers",
    "django",
    "http",
    "limits",
    "network",
    "nginx",
    "secrets",
    "tls",
)


def load(names: Sequence[str] = ()) -> list[Family[Any]]:
    """The families of these names, or all; raises LabError (exit code 2) for a name that is none.

    They are imported here and not at the top, since some stand on packages that only `make audit` installs;
    without them: LabError, exit code 3.
    """
    for name in names:
        if name not in NAMES:
            raise LabError(f"there is no family '{name}'; there are {', '.join(NAMES)}", ExitCode.USAGE)
    return [_family(name) for name in NAMES if not names or name in names]


def _family(name: str) -> Family[Any]:
    try:
        found: Family[Any] = importlib.import_module(f"lab.audit.{name}").FAMILY
    except ModuleNotFoundError as error:
        said = f"the audit's family {name} needs {error.name}; run make audit, which installs it"
        raise LabError(said, ExitCode.UNMEASURED) from error
    return found
