"""Talking to the link supervisor in the router."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from lab.engine import exec_argv
from lab.errors import ExitCode, LabError
from lab.process import last_words, run
from link.condition import Link, from_json, to_json

PATIENCE = 30.0  # seconds


@dataclass(frozen=True)
class Links:
    """The supervisor's answer: which engine, why, and every zone's link."""

    document: dict[str, Any]

    @property
    def engine(self) -> str:
        """netem or userspace."""
        return str(self.document["engine"])

    @property
    def reason(self) -> str:
        """Why it is this engine."""
        return str(self.document["reason"])

    @property
    def zones(self) -> dict[str, Link]:
        """Every zone's link."""
        return {name: from_json(zone["link"]) for name, zone in self.document["zones"].items()}

    def commands(self, zone: str) -> list[str]:
        """The tc commands that were run, or that would be on a kernel with netem."""
        return [" ".join(words) for words in self.document["zones"][zone]["commands"]]

    def seconds_left(self, zone: str) -> float | None:
        """How long the zone's link stays as it is; None for good."""
        left = self.document["zones"][zone]["seconds_left"]
        return None if left is None else float(left)

    @property
    def journal(self) -> list[dict[str, str]]:
        """What happened to the links by itself: at, zone, what; newest last."""
        return list(self.document["journal"])


def show(project: str) -> Links:
    """How all links are."""
    return _ask(project, {"verb": "show"})


def change(project: str, zone: str, link: Link, seconds: float | None) -> Links:
    """Make a zone's link be this."""
    return _ask(project, {"verb": "set", "zone": zone, "link": to_json(link), "seconds": seconds})


def end_in(project: str, zone: str, seconds: float) -> Links:
    """Let a zone's temporary link last so many seconds from now."""
    return _ask(project, {"verb": "end", "zone": zone, "seconds": seconds})


def clear(project: str, zone: str | None) -> Links:
    """Take the condition of one zone's link away, or of all."""
    return _ask(project, {"verb": "clear", "zone": zone})


def _ask(project: str, request: dict[str, Any]) -> Links:
    argv = exec_argv(project, "router", ["python3", "-m", "link.ctl", json.dumps(request)])
    done = run(argv, timeout=PATIENCE)
    try:
        answer = json.loads(done.stdout)
    except ValueError as error:
        said = last_words(done)
        raise LabError(
            f"the router has no link supervisor ({said}); run: make up, which updates it", ExitCode.UNMEASURED
        ) from error
    if "error" in answer:
        mend = "; run: make restart HOST=router" if done.returncode == ExitCode.UNMEASURED else ""
        raise LabError(f"{answer['error']}{mend}", ExitCode.UNMEASURED if mend else ExitCode.FAILED)
    return Links(answer)
