"""The load: wrk, of which one thread sends some twenty times what any of the servers can answer."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lab.errors import LabError

CONNECTIONS = 8  # as many as the service has threads: all are busy, and nobody queues for long
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


def load(port: int, request: Request, token: str, seconds: int) -> Load:
    """Send the request over `CONNECTIONS` connections, each as soon as the answer before is in.

    Raises LabError when an answer is not 2xx, is missing, or when there is none at all.
    """
    url = f"http://127.0.0.1:{port}{request.path}"
    asked = {
        "REQUEST_METHOD": request.method,
        "REQUEST_TOKEN": token,
        "REQUEST_BODY": request.body,
    }
    argv = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}", "-s", str(SCRIPT), url]
    ended = subprocess.run(argv, env={**os.environ, **asked}, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise LabError(f"wrk failed at {url}: {(ended.stderr or ended.stdout).strip()}")
    told = json.loads(ended.stderr.splitlines()[-1])
    if told["refused"] or told["broken"] or not told["requests"]:
        raise LabError(f"{request.name} at {url} went wrong under load: {told}")
    return Load(told["requests"], told["microseconds"] / 1e6)
