"""Verbs that keep what is in the lab, and bring it back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lab import backup as backup_
from lab.cli.terminal import console, say

app = typer.Typer()


@app.command()
def backup(to: Annotated[Path | None, typer.Option(help="A folder, or a new file *.tar.gz.")] = None) -> None:
    """Write database and pictures into one file, while the service goes on, and read it back."""
    made = backup_.make(to, say)
    console.print(f"[green]kept[/green] {made}", soft_wrap=True, highlight=False)
    console.print(f"bring it back with: make restore FILE={made.path}", soft_wrap=True, highlight=False)


@app.command()
def restore(file: Annotated[Path, typer.Argument(help="A backup.")]) -> None:
    """Put a backup in the place of all that is there, which is kept first."""
    restored, safety = backup_.restore(file, say)
    console.print(f"[green]restored[/green] {restored}", soft_wrap=True, highlight=False)
    console.print(f"what was there before: {safety.path}", soft_wrap=True, highlight=False)
