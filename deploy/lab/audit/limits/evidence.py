"""What one client can take from the others: guesses, tickets, time, room and connections.

Rude clients are played by the load generators' master, whose address nobody else's requests come from.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from lab.audit import door as doors
from lab.audit.limits import probe
from lab.audit.model import Site
from lab.engine import container, docker, exec_argv
from lab.process import output

HOST = "locust"
MOST_FILINGS = 250  # counted beyond which a window has no limit worth the name


@dataclass(frozen=True)
class Evidence:
    """What the rude clients saw, and the router's rules for new connections."""

    seen: probe.Seen
    rules: str


def gather(site: Site) -> Evidence:
    """Send the rude clients, and ask the router for its rules."""
    door, project = doors.service(site), site.settings.project
    filings = min(MOST_FILINGS, int(site.settings["THROTTLE_FILE_TICKET"].partition("/")[0]))
    words = ["python3", "-", door.address, str(door.port), door.name, str(filings), *["tls"][: door.tls]]
    argv = exec_argv(project, HOST, words, options=["--interactive"])
    said = output(argv, f"rude clients on {HOST}", stdin=Path(probe.__file__).read_text(), timeout=80)
    rules = docker("exec", container(project, "router"), "nft", "list", "table", "inet", "lab")
    return Evidence(read(json.loads(said)), rules)


def read(said: dict[str, Any]) -> probe.Seen:
    """What the probe printed; raises KeyError where it lacks something."""
    counted = ("log_ins", "filings")  # JSON's keys are texts
    values = {each.name: said[each.name] for each in fields(probe.Seen)}
    for name in counted:
        values[name] = {int(status): count for status, count in values[name].items()}
    return probe.Seen(**values)
