"""The link supervisor's process, in the router.

    python3 -m link.daemon [--engine auto|netem|userspace] [--directory DIR] [--outside ZONE] [ZONE=NETWORK …]

A NETWORK is the first three bytes of a zone's addresses; without zones those of ROUTER_ZONES are taken. It
answers on a unix socket, one JSON object a line: {"verb": "show"}, {"verb": "clear", "zone": … or null},
{"verb": "set", "zone": …, "link": …, "seconds": … or null}, {"verb": "end", "zone": …, "seconds": …} for how
long a temporary link lasts from now on. An answer is show's, or {"error": a sentence}.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from link import netem
from link.commands import EngineError
from link.condition import Link, from_json
from link.ctl import DIRECTORY, SOCKET
from link.desired import Desired
from link.engine import Engine
from link.supervisor import Journal, Supervisor
from link.units import ConditionError
from link.userspace import Userspace
from link.zone import Zone, discover


async def choose(name: str, zones: Sequence[Zone], journal: Journal) -> tuple[Engine, str]:
    """The engine of that name, or for `auto` the kernel's if it works here; and why."""
    if name == "netem":
        return netem.Netem(), "asked for"
    if name == "userspace":
        return Userspace(zones, journal.report), "asked for"
    refused = await netem.refusal()
    if refused is None:
        return netem.Netem(), "this kernel has netem"
    return Userspace(zones, journal.report), f"this kernel cannot do netem: {refused}"


class Control:
    """The unix socket's side of the supervisor."""

    def __init__(self, supervisor: Supervisor, zones: list[str]) -> None:
        self._supervisor = supervisor
        self._zones = zones

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        try:
            answer = await self._answer(json.loads(await reader.readline()))
        except (EngineError, ConditionError) as error:
            answer = {"error": str(error)}
        except (ValueError, KeyError, TypeError) as error:
            answer = {"error": f"not a request that the link daemon knows: {error!r}"}
        writer.write(json.dumps(answer).encode() + b"\n")
        await writer.drain()
        writer.close()

    async def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        verb = request["verb"]
        if verb == "set":
            await self._supervisor.set(request["zone"], from_json(request["link"]), request.get("seconds"))
        elif verb == "clear":
            for zone in [request["zone"]] if request.get("zone") else self._zones:
                await self._supervisor.set(zone, Link(), None)
        elif verb == "end":
            await self._supervisor.end_in(request["zone"], request["seconds"])
        elif verb != "show":
            raise KeyError(verb)
        return await self._supervisor.show()


async def serve(engine_name: str, directory: Path, outside: str, pairs: list[str]) -> None:
    """Run until SIGTERM or SIGINT."""
    directory.mkdir(parents=True, exist_ok=True)
    zones = await discover(pairs, outside)
    journal = Journal()
    engine, reason = await choose(engine_name, list(zones.values()), journal)
    await engine.reset(list(zones.values()))  # whatever a supervisor that was killed has left in the router
    supervisor = Supervisor(engine, reason, zones, Desired(directory / "conditions.json"), journal)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    clock = asyncio.create_task(supervisor.keep_time())
    await supervisor.restore()
    socket = directory / SOCKET
    server = await asyncio.start_unix_server(Control(supervisor, list(zones)).serve, socket)
    socket.chmod(0o600)
    print(f"link: engine {engine.name} ({reason}); zones {', '.join(zones)}", flush=True)
    await stop.wait()
    server.close()
    clock.cancel()
    await supervisor.close()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="link.daemon")
    parser.add_argument("--engine", choices=("auto", "netem", "userspace"), default="auto")
    parser.add_argument("--directory", type=Path, default=DIRECTORY)
    parser.add_argument("--outside", default="internet", help="the zone towards which the router masquerades")
    parser.add_argument("zones", nargs="*", default=os.environ.get("ROUTER_ZONES", "").split())
    options = parser.parse_args()
    try:
        asyncio.run(serve(options.engine, options.directory, options.outside, options.zones))
    except (EngineError, ConditionError) as error:
        sys.exit(f"link: {error}")


if __name__ == "__main__":
    main()
