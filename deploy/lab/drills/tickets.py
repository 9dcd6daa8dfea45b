"""The tickets that a drill filed, asked for as an instructor over the API: not by those who filed them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from lab.drills.ledger import Ticket
from lab.engine import exec_argv
from lab.errors import ExitCode, LabError
from lab.process import last_words, run
from lab.settings import Settings
from lab.topology import Topology
from lab.trace import probe, target

HOST = "client"
WHO = "instructor"  # who sees every department's tickets
PATIENCE = 30  # seconds for a page
PAGE = 200


def filed(settings: Settings, plan: Topology, device: str) -> Iterator[Ticket]:
    """Every ticket of this device, oldest first, page by page.

    Raises LabError (exit code 3) if the service does not answer.
    """
    edge = f"http://{plan.address('edge')}"
    (user,) = (user for user in settings.users if user["username"] == WHO)
    token = probe.token(settings, HOST, target.read(f"{edge}/", settings, plan), user)
    query = {"device": device, "fields": "id,issue", "ordering": "id", "page_size": PAGE, "cursor": ""}
    url: str | None = f"{edge}/api/tickets/?{urlencode(query)}"
    while url:
        page = _page(settings, url, token)
        yield from (Ticket(row["id"], row["issue"]) for row in page["results"])
        url = page["next"]


def _page(settings: Settings, url: str, token: str) -> Mapping[str, Any]:
    # The token goes through standard input: a process list shows arguments.
    config = f"url = {json.dumps(url)}\nheader = {json.dumps(f'Authorization: Bearer {token}')}\n"
    words = ["curl", "-sS", "--fail", "--globoff", "--max-time", str(PATIENCE), "--config", "-"]
    done = run(exec_argv(settings.project, HOST, words, options=["--interactive"]), stdin=config)
    try:
        page: dict[str, Any] = json.loads(done.stdout)
        return {"results": page["results"], "next": page["next"]}
    except (KeyError, TypeError, ValueError):
        said = f"the service does not list its tickets ({last_words(done)}); see: make logs HOST=edge"
        raise LabError(said, ExitCode.UNMEASURED) from None
