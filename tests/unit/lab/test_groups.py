"""What `make up` installs is enough for every module of the lab's own program."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from lab import paths

# Imports the modules that are named, where no package is installed but those whose names come after them.
IMPORT = """
import importlib, sys
from importlib.metadata import packages_distributions

def plain(name):
    return name.lower().replace("_", "-").replace(".", "-")

names, there = (words.split() for words in sys.stdin)
own = {module: {plain(one) for one in those} for module, those in packages_distributions().items()}

class Absent:
    def find_spec(self, name, path=None, target=None):
        if own.get(name.partition(".")[0], set(there)).isdisjoint(there):
            raise ModuleNotFoundError(f"{name} is not installed")

sys.meta_path.insert(0, Absent())
for name in names:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        print(name, error)
"""
PROGRAM = paths.ROOT / "deploy/lab"
ELSEWHERE = {"lab.audit.api.webhook_probe"}  # run by the app server's Python, which has Django


def _modules() -> list[str]:
    files = (file.relative_to(PROGRAM.parent).with_suffix("") for file in PROGRAM.rglob("*.py"))
    return sorted({".".join(file.parts).removesuffix(".__init__") for file in files} - ELSEWHERE)


def _packages(groups: list[str]) -> list[str]:
    argv = [
        str(paths.ROOT / ".venv/bin/uv"),
        "export",
        "--quiet",
        "--frozen",
        "--no-hashes",
        "--no-default-groups",
    ]
    argv += [word for group in groups for word in ("--group", group)]
    told = subprocess.run(argv, cwd=paths.ROOT, check=True, capture_output=True, text=True).stdout
    return ["ticketlab", *re.findall(r"^([a-z0-9.-]+)==", told.replace("_", "-"), re.MULTILINE)]


def _absent(groups: list[str]) -> str:
    given = f"{' '.join(_modules())}\n{' '.join(_packages(groups))}\n"
    argv = [sys.executable, "-c", IMPORT]
    return subprocess.run(
        argv, input=given, check=True, capture_output=True, text=True, cwd=paths.ROOT
    ).stdout


def _installed_by_up() -> list[str]:
    recipe = re.search(
        r"^up:.*\n\t@\$\(BOOTSTRAP\) python (.*)", Path(paths.ROOT / "Makefile").read_text(), re.M
    )
    assert recipe
    return recipe[1].split()


def test_what_up_installs_is_enough() -> None:
    assert _absent(_installed_by_up()) == ""


@pytest.mark.parametrize("group", ["audit", "docs"])
def test_each_of_its_groups_is_needed(group: str) -> None:
    assert _absent([one for one in _installed_by_up() if one != group])
