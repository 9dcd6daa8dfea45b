"""The verb that makes the docs."""

from __future__ import annotations

import typer

from lab import health, lifecycle, paths
from lab.cli.terminal import say
from lab.docs import build

app = typer.Typer()


@app.command()
def docs() -> None:
    """Make the docs as a site."""
    index = build.build() / "index.html"
    say(f"made {index}")
    if paths.env_file().exists():
        settings, plan = lifecycle.current()
        if health.states(settings.project):
            say(f"the lab serves it at http://{plan.address('edge')}/docs/")
