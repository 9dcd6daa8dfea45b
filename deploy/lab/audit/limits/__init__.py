"""What one client can take from the others: guesses, tickets, time, room and connections.

Rude clients are played by the load generators' master, whose address nobody else's requests come from.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from lab.audit.limits import probe
from lab.audit.model import Check, Family, Finding, Level, Site, UnmeasuredError
from lab.engine import container, docker, exec_argv
from lab.process import output

HOST = "locust"
HEADER_TIME, SILENCE = 12.0, 12.0  # seconds; Nginx allows 10, and clocks and machines differ
TOO_MANY = 429
MOST_FILINGS = 250  # counted beyond which a window has no limit worth the name


@dataclass(frozen=True)
class Evidence:
    """What the rude clients saw, and the router's rules for new connections."""

    seen: probe.Seen
    rules: str


def gather(site: Site) -> Evidence:
    """Send the rude clients, and ask the router for its rules."""
    address, project = site.plan.address("edge"), site.settings.project
    filings = min(MOST_FILINGS, int(site.settings["THROTTLE_FILE_TICKET"].partition("/")[0]))
    words = ["python3", "-", address, "80", address, str(filings)]
    argv = exec_argv(project, HOST, words, options=["--interactive"])
    said = output(argv, f"rude clients on {HOST}", stdin=Path(probe.__file__).read_text(), timeout=80)
    rules = docker("exec", container(project, "router"), "nft", "list", "table", "inet", "lab")
    return Evidence(read(json.loads(said)), rules)


def read(said: dict[str, Any]) -> probe.Seen:
    """What the probe printed; raises KeyError where it lacks something."""
    counted = ("log_ins", "filings", "connections")  # JSON's keys are texts
    values = {each.name: said[each.name] for each in fields(probe.Seen)}
    for name in counted:
        values[name] = {int(status): count for status, count in values[name].items()}
    return probe.Seen(**values)


def _limited(
    where: str, what: str, counts: Callable[[probe.Seen], dict[int, int]]
) -> Callable[[Evidence], list[Finding]]:
    def judge(evidence: Evidence) -> list[Finding]:
        found = counts(evidence.seen)
        if not found:
            raise UnmeasuredError(f"no {what} was tried")
        told = ", ".join(f"{count} times {status or 'no answer'}" for status, count in sorted(found.items()))
        return [] if TOO_MANY in found else [Finding(where, f"never a 429 for {what}: {told}")]

    return judge


def _cut(
    where: str, limit: float, took: Callable[[probe.Seen], float | None]
) -> Callable[[Evidence], list[Finding]]:
    def judge(evidence: Evidence) -> list[Finding]:
        seconds = took(evidence.seen)
        if seconds is None:
            return [Finding(where, f"still connected after {probe.PATIENCE:.0f} s")]
        return [Finding(where, f"cut off only after {seconds:.0f} s")] if seconds > limit else []

    return judge


def _refused(
    where: str, expected: tuple[int, ...], got: Callable[[probe.Seen], int]
) -> Callable[[Evidence], list[Finding]]:
    def judge(evidence: Evidence) -> list[Finding]:
        status = got(evidence.seen)
        return [] if status in expected else [Finding(where, f"answered {status or 'nothing'}")]

    return judge


def _retry_after(evidence: Evidence) -> Iterable[Finding]:
    return [
        Finding("429", f"Retry-After is '{value}', no number of seconds")
        for value in evidence.seen.retry_after
        if not value.isdigit()
    ]


def _buffered(evidence: Evidence) -> Iterable[Finding]:
    status = evidence.seen.beside_slow_bodies
    said = f"answered {status}" if status else f"no answer in {probe.PATIENCE:.0f} s"
    return (
        [] if status == 200 else [Finding("/api/whoami/", f"beside {probe.SLOW_BODIES} slow bodies: {said}")]
    )


def _rule(pattern: str, what: str) -> Callable[[Evidence], list[Finding]]:
    def judge(evidence: Evidence) -> list[Finding]:
        if "chain forward" not in evidence.rules:
            raise UnmeasuredError("the router did not show its rules; see: make firewall-show")
        jumped = "jump clients_pace" in evidence.rules
        return (
            []
            if jumped and re.search(pattern, evidence.rules)
            else [Finding("router", f"no rule bounds {what}")]
        )

    return judge


NFT = "docker exec ROUTER nft list chain inet lab clients_pace"
NC = "nc 10.10.10.1 80"
CHECKS: tuple[Check[Evidence], ...] = (
    Check(
        "LIMIT-LOGIN",
        Level.HIGH,
        "Who tries passwords fast is told to wait",
        "A student's password is found by trying; and each try costs the app a quarter of a second.",
        "limit_req zone=logins in nginx/nginx.conf.",
        "for n in $(seq 140); do curl -si -X POST http://10.10.10.1/api/token/ | head -n 1; done",
        _limited("/api/token/", "log-ins", lambda seen: seen.log_ins),
    ),
    Check(
        "LIMIT-FILING",
        Level.MEDIUM,
        "Who files tickets without an account is told to wait",
        "The desk drowns in made-up tickets, and so does Discord's channel.",
        "THROTTLE_FILE_TICKET=10/min in .env.",
        "for n in $(seq 12); do curl -si -X POST http://10.10.10.1/api/tickets/ | head -n 1; done",
        _limited("/api/tickets/", "filed tickets", lambda seen: seen.filings),
    ),
    Check(
        "LIMIT-RETRY",
        Level.LOW,
        "Who is told to wait is told for how long",
        "A client that does not know tries at once, and again.",
        "Retry-After: add_header in nginx/nginx.conf, wait() in app/ticketing/throttles.py.",
        "curl -si -X POST http://10.10.10.1/api/tickets/ | grep -i retry-after",
        _retry_after,
    ),
    Check(
        "LIMIT-HEADER",
        Level.HIGH,
        "Who sends a header byte by byte is cut off (slowloris)",
        "A few thousand such connections, each nearly free, and nobody else gets one.",
        "client_header_timeout 10s at http level in nginx/nginx.conf.",
        NC,
        _cut("slow header", HEADER_TIME, lambda seen: seen.header),
    ),
    Check(
        "LIMIT-IDLE",
        Level.MEDIUM,
        "Who connects and says nothing is cut off",
        "An idle connection holds a place among 8,192.",
        "client_header_timeout 10s at http level in nginx/nginx.conf.",
        NC,
        _cut("silent client", SILENCE, lambda seen: seen.idle),
    ),
    Check(
        "LIMIT-BODY",
        Level.MEDIUM,
        "Who stops in the middle of a body is cut off",
        "Such a request is in progress for as long as its sender likes.",
        "client_body_timeout 10s at http level in nginx/nginx.conf.",
        NC,
        _cut("silent body", SILENCE, lambda seen: seen.body),
    ),
    Check(
        "LIMIT-BUFFER",
        Level.HIGH,
        "Slow bodies hold no thread of the application",
        "Sixteen slow uploads, and the service stands still for everybody.",
        "proxy_request_buffering stays on (nginx/proxy.conf): Nginx takes the whole body first.",
        "curl -s --limit-rate 1 -F image=@big.png http://10.10.10.1/api/tickets/ & curl -i http://10.10.10.1/api/whoami/",
        _buffered,
    ),
    Check(
        "LIMIT-SIZE",
        Level.MEDIUM,
        "A large body is refused when it is announced",
        "The disk fills, and the app reads a body into its memory.",
        "client_max_body_size 6m in nginx/nginx.conf.",
        "head -c 7000000 /dev/zero | curl -si --data-binary @- http://10.10.10.1/api/tickets/",
        _refused("announced body of 6 MiB and a byte", (413,), lambda seen: seen.large),
    ),
    Check(
        "LIMIT-CHUNKED",
        Level.MEDIUM,
        "A large body is refused where its length is not announced, too",
        "A chunked body has no length to look at: it must be counted as it comes.",
        "client_max_body_size 6m in nginx/nginx.conf.",
        "head -c 7000000 /dev/zero | curl -si -H 'Transfer-Encoding: chunked' --data-binary @- http://10.10.10.1/api/tickets/",
        _refused("chunked body of more than 6 MiB", (413,), lambda seen: seen.chunked),
    ),
    Check(
        "LIMIT-LINE",
        Level.LOW,
        "A very long address is refused",
        "Nginx keeps it in memory, for each connection.",
        "large_client_header_buffers 4 8k in nginx/nginx.conf.",
        "curl -si http://10.10.10.1/$(head -c 40000 /dev/zero | tr '\\0' a)",
        _refused("address of 40,000 characters", (414,), lambda seen: seen.line),
    ),
    Check(
        "LIMIT-HEADERS",
        Level.LOW,
        "Very many headers are refused",
        "Nginx keeps them in memory, for each connection.",
        "large_client_header_buffers 4 8k in nginx/nginx.conf.",
        "curl -si http://10.10.10.1/ $(for n in $(seq 20); do printf ' -H X-%s:%04000d' $n 0; done)",
        _refused("headers of 80,000 characters", (400, 431, 494), lambda seen: seen.headers),
    ),
    Check(
        "LIMIT-CONNECTIONS",
        Level.MEDIUM,
        "One address has only so many requests in progress",
        "Else one client takes every place there is at the edge.",
        "limit_conn in_progress 2000 in nginx/nginx.conf.",
        "docker exec EDGE grep -n limit_conn /run/edge/conf/nginx.conf",
        _limited("edge", f"{probe.CONNECTIONS} requests in progress", lambda seen: seen.connections),
    ),
    Check(
        "LIMIT-SYN",
        Level.MEDIUM,
        "The router bounds how fast one source opens connections",
        "A SYN flood fills the tables of whoever it reaches.",
        "@syn_pace in deploy/firewall/router.nft; make firewall loads it.",
        NFT,
        _rule(r"@syn_pace \{ ip saddr limit rate over \d+/second", "how fast a source opens connections"),
    ),
    Check(
        "LIMIT-OPEN",
        Level.MEDIUM,
        "The router bounds how many connections one source has",
        "Each costs memory, in the router and at the edge.",
        "@open_connections in deploy/firewall/router.nft; make firewall loads it.",
        NFT,
        _rule(r"@open_connections \{ ip saddr ct count over \d+", "how many connections a source has"),
    ),
)
FAMILY: Family[Evidence] = Family("limits", "limits", gather, CHECKS)
