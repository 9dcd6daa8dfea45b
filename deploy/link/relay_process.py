"""A relay (link.relay) as its supervisor sees it: a process that is told things and reports."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from typing import Any

from link.commands import EngineError
from link.condition import Link, to_json
from link.zone import Zone

FIRST_REPORT = 5.0  # seconds that a new one gets to say that it is ready
SILENCE = 2.0  # seconds without a report after which it counts as stuck
END = 2.0  # seconds it gets to end by itself


class RelayProcess:
    """One relay process and its last report."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.report: dict[str, Any] = {}
        self.heard = asyncio.Event()
        self.born = time.monotonic()
        self.stuck = False

    @classmethod
    async def start(cls, zone: Zone) -> RelayProcess:
        """Start a relay and return once it has its devices."""
        devices = [zone.device("up"), zone.device("down")]
        pipe = asyncio.subprocess.PIPE
        relay = cls(
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "link.relay", *devices), stdin=pipe, stdout=pipe, stderr=pipe
            )
        )
        line = await asyncio.wait_for(relay._line(), FIRST_REPORT)
        if not line:
            raise EngineError(f"the userspace engine does not start: {await relay._last_words()}")
        relay.report = json.loads(line)
        return relay

    def tell(self, link: Link) -> None:
        """Let it treat packets from now on this way."""
        self.heard.clear()
        writer = self.process.stdin
        if writer is None or self.process.returncode is not None:
            raise EngineError("the userspace engine has just died; it is being replaced")
        writer.write(json.dumps(to_json(link)).encode() + b"\n")

    async def listen(self) -> None:
        """Take in reports until it dies, or is silent for so long that it is killed."""
        while True:
            try:
                line = await asyncio.wait_for(self._line(), SILENCE)
            except TimeoutError:
                self.stuck = True
                self.kill()
                break
            if not line:
                break
            self.report = json.loads(line)
            self.heard.set()
        await self.process.wait()
        self.heard.set()

    def kill(self) -> None:
        """End it at once."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()

    async def cause(self) -> str:
        """Why it ended, in words."""
        if self.stuck:
            return f"did not answer for {SILENCE:g} s and was killed"
        code = self.process.returncode or 0
        said = await self._last_words()
        return f"died ({f'signal {-code}' if code < 0 else f'exit code {code}'}{said and ': '}{said})"

    async def end(self) -> None:
        """Let it deliver what is under way, and end."""
        if self.process.stdin:
            self.process.stdin.write(b"null\n")
        try:
            await asyncio.wait_for(self.process.wait(), END)
        except TimeoutError:
            self.kill()
            await self.process.wait()

    async def _line(self) -> bytes:
        return await self._stream("stdout").readline()

    async def _last_words(self) -> str:
        lines = (await self._stream("stderr").read()).decode().strip().splitlines()
        return lines[-1] if lines else ""

    def _stream(self, name: str) -> asyncio.StreamReader:
        stream: asyncio.StreamReader = getattr(self.process, name)
        return stream
