"""Has the notifier post to where no Discord is, with a database of its own; prints as JSON what it did.

Runs on an app server (`python - TARGET…`), in one process, since to start Django is most of the work. A
TARGET is the host part of a webhook's URL.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import django
from django.core.management import CommandError, call_command
from django.test import override_settings

LOOPBACK = "127.0.0.1"
PATIENCE = 20  # seconds that one run gets
FLOOD = 100_000_000  # bytes of an answer
Serve = Callable[[BaseHTTPRequestHandler], None]


class Rogue(ThreadingHTTPServer):
    """A webhook that answers as no webhook does; it counts what it was asked and how much of it was taken."""

    def __init__(self, serve: Serve) -> None:
        self.asked: list[str] = []
        self.taken = 0
        rogue = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                """Answer a message."""
                rogue.asked.append(self.path)
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                serve(self)

            do_GET = do_POST  # noqa: N815 - a redirected POST becomes a GET

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        super().__init__((LOOPBACK, 0), Handler)

    @property
    def host(self) -> str:
        """Where it is."""
        return f"{LOOPBACK}:{self.server_address[1]}"


def redirect(handler: BaseHTTPRequestHandler) -> None:
    """Send the message elsewhere."""
    handler.send_response(302)
    handler.send_header("Location", f"http://{handler.headers['Host']}/elsewhere")
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def page(handler: BaseHTTPRequestHandler) -> None:
    """Be a web page."""
    body = b"<html><script>alert(1)</script></html>"
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def flood(handler: BaseHTTPRequestHandler) -> None:
    """Answer with far more than a message's worth."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(FLOOD))
    handler.end_headers()
    chunk = b'"' + b"a" * 99_999
    server = handler.server
    try:
        for _ in range(FLOOD // len(chunk)):
            handler.wfile.write(chunk)
            server.taken += len(chunk)  # type: ignore[attr-defined]
    except OSError:
        pass  # it had enough


ROGUES: dict[str, Serve] = {"redirect": redirect, "page": page, "flood": flood}


@contextmanager
def serving(serve: Serve) -> Iterator[Rogue]:
    """A rogue for a while."""
    with Rogue(serve) as rogue:
        thread = Thread(target=rogue.serve_forever, daemon=True)
        thread.start()
        yield rogue
        rogue.shutdown()


def prepare(folder: Path) -> None:
    """Start Django with a database of its own that has one ticket in it."""
    os.environ["DATABASE_URL"] = f"sqlite:///{folder}/db.sqlite3"
    os.environ["SQLITE_TMPDIR"] = str(folder)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "drf_jwt_backend.settings")
    sys.path.insert(0, str(Path.cwd()))
    django.setup()
    fixture = f"{folder}/ticket.json"
    for words in (
        ("migrate",),
        ("generate_tickets", "--count", "1", "--output", fixture),
        ("load_tickets", fixture),
    ):
        call_command(*words, verbosity=0, stdout=io.StringIO(), stderr=io.StringIO())


def post(host: str, number: int, inside: list[str] | None = None) -> dict[str, Any]:
    """Have the notifier post there; `inside` are addresses that it may use all the same (None: as set).

    Each try is another webhook (`number`), to which nothing was posted before.
    """
    changed: dict[str, Any] = {"DISCORD_WEBHOOK_URL": f"http://{host}/api/webhooks/{number}/audit"}
    if inside is not None:
        changed["DISCORD_WEBHOOK_INSIDE"] = inside
    said = io.StringIO()
    with override_settings(**changed), alarm():
        try:
            call_command("notify_discord", stdout=said, stderr=said)
        except CommandError as error:
            return {"code": error.returncode, "said": f"{said.getvalue()}{error}"[-1000:]}
        except HungError:
            return {"code": None, "said": said.getvalue()[-1000:]}
        except Exception as error:
            return {"code": -1, "said": f"{said.getvalue()}{error!r}"[-1000:]}
    return {"code": 0, "said": said.getvalue()[-1000:]}


class HungError(BaseException):
    """It took too long; nothing in between may catch this."""


@contextmanager
def alarm() -> Iterator[None]:
    """Raise HungError in whatever takes longer than PATIENCE."""

    def ring(_number: int, _frame: object) -> None:
        raise HungError

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(PATIENCE)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def misled(serve: Serve, number: int) -> dict[str, Any]:
    """What the notifier does with a webhook that answers so."""
    with serving(serve) as rogue:
        did = post(rogue.host, number, [LOOPBACK])
        return {**did, "asked": rogue.asked, "taken": rogue.taken}


def run(targets: list[str]) -> dict[str, dict[str, dict[str, Any]]]:
    """All of them."""
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder))
        inside = {host: post(host, number) for number, host in enumerate(targets, 1)}
        rogues = {name: misled(serve, number) for number, (name, serve) in enumerate(ROGUES.items(), 100)}
        return {"inside": inside, "rogues": rogues}


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1:])))
