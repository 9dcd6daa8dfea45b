"""Verbs on the hosts' images."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from lab import image_packages, image_verify
from lab import images as images_
from lab.cli.terminal import console, say
from lab.engine import docker
from lab.errors import ExitCode

app = typer.Typer()
MEGA = 1e6


@app.command()
def images() -> None:
    """Build what is out of date; show sizes, and which packages are otherwise than they were locked."""
    images_.build_all(say)
    for target in images_.INPUTS:
        size = int(docker("image", "inspect", "--format", "{{.Size}}", images_.name(target)))
        console.print(f"{images_.name(target):<32} {size / MEGA:6.1f} MB")
    changed = list(image_packages.differences(image_packages.read(), image_packages.installed()))
    for line in changed:
        console.print(f"[yellow]otherwise[/yellow] {line}")
    if not changed:
        console.print("[green]every distribution package is the one in deploy/images/packages.lock")


@app.command("images-lock")
def images_lock() -> None:
    """Record the distribution packages of the images that are here."""
    images_.build_all(say)
    image_packages.write(image_packages.installed())
    say(f"wrote {image_packages.LOCK}")


@app.command("images-verify")
def images_verify(target: Annotated[str, typer.Argument(help="One image; all without it.")] = "") -> None:
    """Build the images again without a cache and compare them, file by file. Exit code 1 if any differs."""
    images_.build_all(say)
    differs = False
    for name in [images_.known(target)] if target else images_.INPUTS:
        found = image_verify.rebuild_and_compare(name, say)
        for line in found:
            console.print(f"[red]differs[/red] {name}: {line}", soft_wrap=True)
        if not found:
            console.print(f"[green]the same[/green] {name}")
        differs = differs or bool(found)
    sys.exit(ExitCode.FAILED if differs else ExitCode.PASSED)
