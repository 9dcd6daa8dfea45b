"""What the commands share: the terminal, and handing it to another program."""

from __future__ import annotations

import os
from typing import NoReturn

from rich.console import Console

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


def say(text: str) -> None:
    """Tell what is being done, on standard error."""
    errors.print(f"[dim]▸[/dim] {text}", soft_wrap=True)


def become(argv: list[str]) -> NoReturn:
    """Give the terminal to another program for good."""
    os.execvp(argv[0], argv)  # noqa: S606  # that no shell is involved is the point
