"""Verbs of a room without internet: one file that brings a VM up, and its images into the engine."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from lab import paths
from lab.cli.terminal import console, say

app = typer.Typer()


@app.command()
def bundle(
    to: Annotated[Path | None, typer.Option(help="The folder that it goes into; usually dist.")] = None,
) -> None:
    """Write one file with the checkout, its images and all packages: a VM comes up from it offline."""
    from lab.bundle import pack

    began = time.monotonic()
    file = pack.pack(to or paths.ROOT / "dist", say)
    size = file.stat().st_size / 1e6
    took = time.monotonic() - began
    console.print(f"{file}: {size:,.0f} MB in {took:.0f} s", markup=False, soft_wrap=True)
    told = f"On a VM without a network: tar xf {file.name} && {file.name.removesuffix('.bundle.tar')}/install"
    console.print(told, markup=False, soft_wrap=True)


@app.command(name="load-images")
def load_images(
    file: Annotated[Path, typer.Argument(help="The bundle's images.tar.gz.")],
    prefix: Annotated[str, typer.Argument(help="What their names begin with.")],
) -> None:
    """Load a bundle's images: a step of make install-bundle."""
    from lab.bundle import load

    say(f"loading the images from {file.name} (half a minute)")
    for name in load.load(file, prefix):
        say(f"loaded {name}")
