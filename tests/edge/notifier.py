"""notify_discord as a process of its own before the real stand-in on loopback, with its own database."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from benchmarks import site
from lab.dev import programs
from lab.dev.supervisor import Supervisor

ID, TOKEN = "1300000000000000001", "known-to-every-reader"


@dataclass(frozen=True)
class Scene:
    """A stand-in on `port`, and the environment in which manage.py posts to it."""

    port: int
    environment: dict[str, str]

    @classmethod
    def set(
        cls, supervisor: Supervisor, directory: Path, port: int, webhook: str = "5/2", channel: str = "30/60"
    ) -> Scene:
        """Start the stand-in with these limits (requests/seconds), and make an empty database."""
        settings = {
            "DISCORD_WEBHOOK_ID": ID,
            "DISCORD_WEBHOOK_TOKEN": TOKEN,
            "DISCORD_WEBHOOK_LIMIT": webhook,
            "DISCORD_CHANNEL_LIMIT": channel,
        }
        supervisor.start(programs.discord(port, settings, directory / "discord.log"))
        scene = cls(
            port,
            site.environment(
                directory,
                PYTHONUNBUFFERED="1",
                DISCORD_WEBHOOK_INSIDE="127.0.0.1",
                DISCORD_WEBHOOK_URL=f"http://127.0.0.1:{port}/api/webhooks/{ID}/{TOKEN}",
            ),
        )
        scene.manage("migrate", "--verbosity", "0")
        supervisor.wait_until_ready()
        return scene

    def manage(self, *words: str) -> str:
        """What a management command prints; it must succeed."""
        return site.manage(self.environment, *words)

    def start(self, output: IO[bytes], *words: str) -> subprocess.Popen[bytes]:
        """Start a management command."""
        command = site.argv(*words)
        return subprocess.Popen(command, env=self.environment, stdout=output, stderr=subprocess.STDOUT)

    def ask(self, path: str) -> Any:  # noqa: ANN401 - JSON of any shape
        """What the stand-in says."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as answer:
            return json.load(answer)

    def received(self) -> list[int]:
        """The ids of the tickets that the stand-in got, in order of arrival."""
        return [ticket for message in self.ask("/_lab/messages") for ticket in message["tickets"]]
