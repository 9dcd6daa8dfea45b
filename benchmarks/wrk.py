"""The load: wrk, of which one thread sends some twenty times what any Python server can answer."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from lab.errors import LabError
from lab.process import last_words, run

MISSING = 127  # the exit code of a program that is not there
SCRIPT = Path(__file__).with_name("request.lua")


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of each server."""

    name: str
    method: str
    path: str
    body: str = ""


@dataclass(frozen=True, slots=True)
class Load:
    """What came of sending a request again and again."""

    requests: int
    seconds: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


def load(port: int, request: Request, *, connections: int, seconds: int, token: str = "") -> Load:
    """Send the request over so many connections, on each as soon as the answer before is in.

    Raises LabError when an answer is not 2xx, is missing, or when there is none at all.
    """
    url = f"http://127.0.0.1:{port}{request.path}"
    asked = {
        "REQUEST_METHOD": request.method,
        "REQUEST_TOKEN": token,
        "REQUEST_BODY": request.body,
    }
    argv = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}", "-s", str(SCRIPT), url]
    ended = run(argv, env={**os.environ, **asked})
    if ended.returncode == MISSING:
        raise LabError("wrk is not installed; run: sudo apt-get install wrk")
    if ended.returncode:
        raise LabError(f"wrk failed at {url}: {last_words(ended)}")
    told = json.loads(ended.stderr.splitlines()[-1])
    if told["refused"] or told["broken"] or not told["requests"]:
        raise LabError(f"{request.name} at {url} went wrong under load: {told}")
    return Load(told["requests"], told["microseconds"] / 1e6)
