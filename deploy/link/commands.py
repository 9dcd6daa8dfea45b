"""Running iproute2 and nftables, with their own words in the error."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence


class EngineError(Exception):
    """An engine could not do what was asked: one sentence, with the tool's own last words."""


async def run(argv: Sequence[str], stdin: str | None = None) -> str:
    """Run a program and return its output; raises EngineError if it fails or is missing."""
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.PIPE if stdin is not None else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except FileNotFoundError as error:
        raise EngineError(f"there is no {argv[0]} in the router; rebuild its image: make up") from error
    out, said = await process.communicate(None if stdin is None else stdin.encode())
    if process.returncode:
        lines = [line.strip() for line in said.decode().splitlines() if line.strip()]
        raise EngineError(f"'{' '.join(argv)}' failed: {lines[-1] if lines else 'it did not say why'}")
    return out.decode()


async def succeeds(argv: Sequence[str]) -> bool:
    """Whether the command works."""
    try:
        await run(argv)
    except EngineError:
        return False
    return True
