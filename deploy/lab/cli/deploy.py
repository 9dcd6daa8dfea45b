"""The verb that changes the app under load."""

from __future__ import annotations

from typing import Annotated

import typer

from lab.cli.terminal import say
from lab.rollout import candidate, change

app = typer.Typer()


@app.command()
def deploy(
    image: Annotated[str, typer.Option(help="An image of the app; without it the checkout's is built.")] = "",
) -> None:
    """Replace the app servers one by one, without a failed request; a broken image is taken back."""
    done = change.deploy(image or None, say)
    say(
        f"{', '.join(done.hosts)} have {done.change.name} after {done.seconds:.0f} s; "
        f"what they had is kept as {candidate.PREVIOUS}"
    )
