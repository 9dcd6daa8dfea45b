"""Getting the facts of one request: curl and ping on a host, Nginx's log line, the app's header."""

from __future__ import annotations

import json
import re
import statistics
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lab.engine import container, docker, exec_argv
from lab.errors import ExitCode, LabError
from lab.process import run
from lab.settings import Settings
from lab.trace.parts import AppTimes, ClientTimes, EdgeTimes
from lab.trace.target import Target

DEADLINE = 30  # seconds for the request
PINGS = 5
SERVER_TIMING = re.compile(r'app;dur=([\d.]+), db;dur=([\d.]+);desc="(\d+) quer')
TLS_VERSION = re.compile(r"SSL connection using (TLSv[\d.]+)")
MENDS = {
    6: "the name is unknown there",
    7: "nothing listens there, or the firewall rejects it; see: make topology",
    28: "a firewall in between may drop it; see what make topology counts as forward_dropped",
    35: "the TLS handshake failed; is TLS on? run: make tls",
    52: "it closed the connection without a word, as Nginx does for a name that is not in ALLOWED_HOSTS; "
    "use the address in the URL",
    60: "this host does not trust the certificate's CA; run: make trust-ca",
}


@dataclass(frozen=True)
class Response:
    """What the client saw."""

    status: int
    version: str
    times: ClientTimes
    tls: str | None
    served_by: str
    app: AppTimes | None
    remote: str


def request_id() -> str:
    """An id that Nginx accepts and that nobody else has."""
    return f"trace-{uuid.uuid4().hex[:16]}"


def rtt(settings: Settings, host: str, address: str) -> float | None:
    """The median round trip in seconds, by ping; None if nothing came back."""
    words = ["ping", "-n", "-c", str(PINGS), "-i", "0.2", "-W", "2", address]
    times = re.findall(r"time=([\d.]+) ms", run(exec_argv(settings.project, host, words)).stdout)
    return statistics.median(float(found) for found in times) / 1000 if times else None


def request(settings: Settings, host: str, target: Target, name: str, token: str | None) -> Response:
    """Send the request under the id `name`; raises LabError (exit code 3) if no response came back."""
    headers = [f"X-Request-ID: {name}", *([f"Authorization: Bearer {token}"] if token else [])]
    return parse(*_curl(settings, host, target, target.url, headers), host)


def token(settings: Settings, host: str, target: Target, user: dict[str, str]) -> str:
    """An access token for one of the lab's users, asked for at the target itself."""
    login = json.dumps({"username": user["username"], "password": user["password"]})
    headers = ["Content-Type: application/json"]
    printed, _ = _curl(settings, host, target, f"{target.origin}/api/token/", headers, login)
    body = printed.partition("\n\n")[2].rpartition("\n")[0]
    try:
        return str(json.loads(body)["access"])
    except (ValueError, KeyError, TypeError):
        why = "is that the edge? (a password changed in .env counts from the next make up)"
        refusal = f"{target.name} gives {user['username']} no token; {why}"
        raise LabError(refusal, ExitCode.UNMEASURED) from None


def _curl(
    settings: Settings, host: str, target: Target, url: str, headers: list[str], body: str | None = None
) -> tuple[str, str]:
    """What curl prints. Headers and body go through standard input: a process list shows arguments."""
    words = ["curl", "--silent", "--show-error", "--verbose", "--globoff", "--noproxy", "*"]
    words += [
        "--connect-timeout",
        "10",
        "--max-time",
        str(DEADLINE),
        "--dump-header",
        "-",
        "--write-out",
        r"\n%{json}",
        "--config",
        "-",
    ]
    words += ["--resolve", target.resolve] if target.resolve else []
    words += ["--url", url] if body is not None else ["--output", "/dev/null", "--url", url]
    options = [*(("header", line) for line in headers), *([("data", body)] if body is not None else [])]
    config = "".join(f"{option} = {json.dumps(value)}\n" for option, value in options)
    done = run(exec_argv(settings.project, host, words, options=["--interactive"]), stdin=config)
    if done.returncode != 0:
        raise _no_response(done.returncode, done.stderr, host, target)
    return done.stdout, done.stderr


def _no_response(code: int, said: str, host: str, target: Target) -> LabError:
    words = next((line for line in reversed(said.splitlines()) if line.startswith("curl: (")), "")
    reason = words.partition(") ")[2] or f"curl ended with {code}"
    mend = MENDS.get(code, "see: make status")
    return LabError(f"{host} got no response from {target.name}: {reason}; {mend}", ExitCode.UNMEASURED)


def parse(printed: str, verbose: str, host: str) -> Response:
    """Headers and times from what curl printed, and the TLS version from what it told of its work."""
    head, _, last = printed.rpartition("\n")
    try:
        facts = json.loads(last)
        times = _times(facts)
    except (ValueError, KeyError):
        raise LabError(f"curl on {host} told no times; is its image old? run: make up",
                       ExitCode.UNMEASURED) from None  # fmt: skip
    headers = {key.strip().lower(): value.strip() for key, _, value in
               (line.partition(":") for line in head.splitlines())}  # fmt: skip
    version = TLS_VERSION.search(verbose)
    return Response(
        status=facts["http_code"],
        version=f"HTTP/{facts['http_version']}",
        times=times,
        tls=version[1] if version else None,
        served_by=headers.get("x-served-by", ""),
        app=app_times(headers.get("server-timing", "")),
        remote=facts["remote_ip"],
    )


def _times(facts: dict[str, Any]) -> ClientTimes:
    return ClientTimes(
        lookup=facts["time_namelookup"],
        connect=facts["time_connect"],
        tls=facts["time_appconnect"],
        ready=facts["time_pretransfer"],
        first_byte=facts["time_starttransfer"],
        total=facts["time_total"],
        received=facts["size_header"] + facts["size_download"],
    )


def app_times(header: str) -> AppTimes | None:
    """The application's times from its Server-Timing header, which counts milliseconds."""
    found = SERVER_TIMING.match(header)
    return AppTimes(float(found[1]) / 1000, float(found[2]) / 1000, int(found[3])) if found else None


def edge_line(
    settings: Settings, name: str, since: float, pause: Callable[[float], None] = time.sleep
) -> dict[str, Any] | None:
    """Nginx's log line of the request `name`, sent at the time `since`; None if it wrote none in 1 s."""
    edge = container(settings.project, "edge")
    for _ in range(10):
        for line in docker("logs", "--since", str(int(since) - 1), edge).splitlines():
            if f'"request_id": "{name}"' in line:
                return dict(json.loads(line))
        pause(0.1)
    return None


def edge_times(line: dict[str, Any]) -> EdgeTimes:
    """Nginx's times; where several replicas were tried, the sum of all tries."""
    return EdgeTimes(
        request=float(line["request_time"]),
        upstream_header=_summed(line["upstream_header_time"]),
        upstream_response=_summed(line["upstream_response_time"]),
    )


def _summed(tries: str) -> float | None:
    """'0.002, 0.003' → 0.005; a try without an answer is '-', and none at all is an empty text."""
    found = [float(one) for one in re.findall(r"\d+\.\d+", tries)]
    return sum(found) if found else None
