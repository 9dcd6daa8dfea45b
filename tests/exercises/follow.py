"""The commands of an exercise's page, as a student types them: read from the page itself."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from lab import paths
from tests.lab.conftest import Lab

BLOCK = re.compile(r"^```sh(?: (?P<host>[a-z0-9]+))?\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """Commands of one box: on the VM (no host), or in a shell on a host; under which heading they stand."""

    heading: str
    host: str
    commands: str


def blocks(page: str, numbers: Mapping[str, str]) -> Iterator[Block]:
    """The boxes of a page in their order, the student's numbers in place of <NAMES>."""
    text = (paths.ROOT / page).read_text()
    for found in BLOCK.finditer(text):
        heading = re.findall(r"^## (.*)$", text[: found.start()], re.MULTILINE)[-1]
        commands = re.sub(r"<([A-Z_]+)>", lambda name: numbers[name[1]], found["body"])
        yield Block(heading, found["host"] or "", commands)


def type_in(lab: Lab, block: Block, written: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a box. The tests' lab has another prefix, folder of answers and .env than the pages': all are put
    in its terms. `written` is what a student would write in the editor that the page opens."""
    prefix = lab.plan.address("edge").removesuffix("10.1")
    commands = block.commands.replace("10.10.", prefix)
    commands = re.sub(r"\banswers\b", str(lab.state("answers")), commands)
    commands = re.sub(r"(?<![\w./])\.env\b(?!\.)", lab.environment["LAB_ENV_FILE"], commands)
    if block.host:
        return lab.on(block.host, "bash", "-ec", commands)
    return subprocess.run(
        ["bash", "-ec", commands], cwd=paths.ROOT, env={**lab.environment, "EDITOR": f"cp {written}"},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
