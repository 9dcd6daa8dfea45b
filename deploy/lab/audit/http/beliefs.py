"""What the edge must not believe of a caller, nor keep of an answer, and how it sends callers to HTTPS."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lab.audit.http.evidence import FORGED_ADDRESS, FORGED_HOST, Evidence, replies, told
from lab.audit.model import Check, Finding, Level, UnmeasuredError

SOUND_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
YEAR = 31_536_000  # seconds


def _ids(evidence: Evidence) -> Iterable[Finding]:
    for sent, reply in replies(lambda every: every.ids)(evidence):
        got = reply.all("X-Request-ID")
        if sent in got:
            yield Finding(sent[:40], "the answer carries the client's own words")
        elif len(got) != 1 or not SOUND_ID.fullmatch(got[0]):
            yield Finding(sent[:40], f"the answer has {len(got)} ids, of which one is none")


def _forwarded(evidence: Evidence) -> Iterable[Finding]:
    saw = told(evidence.forged)
    app, edge = saw.get("app"), saw.get("edge")
    if not isinstance(app, dict) or not isinstance(edge, dict):
        raise UnmeasuredError("/api/whoami/ did not say what it saw; try: make status")
    believed = {
        "X-Forwarded-For": app.get("forwarded_client") == FORGED_ADDRESS,
        "X-Forwarded-Host": FORGED_HOST in str(app.get("host")),
        "X-Forwarded-Proto": app.get("scheme") != evidence.scheme,
        "X-Edge-Client-Address": edge.get("client_address") == FORGED_ADDRESS,
    }
    return [Finding(name, "a client's own word is believed") for name, so in believed.items() if so]


def _cache(evidence: Evidence) -> Iterable[Finding]:
    found = dict(replies(lambda every: every.cache)(evidence))
    if found["somebody"].status != 200 or found["nobody"].status != 200:
        raise UnmeasuredError("statistics were not given out, so nothing can be said of the cache")
    if found["nobody"].header("X-Cache") in ("HIT", "UPDATING", "STALE"):
        yield Finding("/api/stats/", "somebody's answer was kept and given to the next caller")
    if found["somebody"].header("X-Cache") not in ("BYPASS", "NONE", ""):
        yield Finding("/api/stats/", f"somebody got X-Cache: {found['somebody'].header('X-Cache')}")


def _kept_by_browsers(evidence: Evidence) -> Iterable[Finding]:
    shown = {"whoami": evidence.cache.get("whoami"), "admin": evidence.pages.get("admin log-in")}
    for name, reply in replies(lambda _: shown)(evidence):
        if "no-store" not in reply.header("Cache-Control"):
            yield Finding(name, f"Cache-Control is '{reply.header('Cache-Control')}', without no-store")


def _redirect(evidence: Evidence) -> Iterable[Finding]:
    for _, reply in replies(lambda every: {"HTTP": every.redirected})(evidence):
        goes_on = reply.status in (301, 302, 307, 308) and reply.header("Location").startswith("https://")
        if not goes_on:
            yield Finding("http://", f"answered {reply.status}; make tls REDIRECT=1 sends to HTTPS instead")


def _hsts(evidence: Evidence) -> Iterable[Finding]:
    for _, reply in replies(lambda every: {"page": every.secure.get("documentation")})(evidence):
        said = reply.header("Strict-Transport-Security")
        age = re.search(r"max-age=(\d+)", said)
        if not age or int(age[1]) < YEAR // 2:
            yield Finding("https://", f"Strict-Transport-Security is '{said}'")


CHECKS: tuple[Check[Evidence], ...] = (
    Check(
        "HTTP-REQUEST-ID",
        Level.LOW,
        "A request id that could harm a log is replaced",
        "It is written into two logs and the audit trail, and shown to people.",
        "map $http_x_request_id in nginx/nginx.conf lets only short plain ones pass.",
        "curl -si http://10.10.10.1/healthz -H 'X-Request-ID: <b>' | grep -i x-request-id",
        _ids,
    ),
    Check(
        "HTTP-FORWARDED",
        Level.HIGH,
        "Nobody can give another address, name or scheme as their own",
        "Throttles count by address and links are made from the name: a forged one passes both.",
        "nginx/forwarded.conf overwrites those headers; NUM_PROXIES is the exact number of hops.",
        "curl -s http://10.10.10.1/api/whoami/ -H 'X-Forwarded-For: 198.51.100.7' | grep forwarded_client",
        _forwarded,
    ),
    Check(
        "HTTP-CACHE",
        Level.HIGH,
        "An answer that somebody got is never kept for anybody else",
        "One shared cache, and the next caller reads what an instructor saw.",
        "proxy_no_cache and proxy_cache_bypass in nginx/nginx.conf ask for a token or a session.",
        "curl -si http://10.10.10.1/api/stats/ -H 'Authorization: Bearer x' | grep -i x-cache",
        _cache,
    ),
    Check(
        "HTTP-NO-STORE",
        Level.LOW,
        "Pages about the caller are not kept by browsers",
        "The next person at the lab's computer presses 'back'.",
        "Cache-Control: no-store where the view answers.",
        "curl -si http://10.10.10.1/api/whoami/ | grep -i cache-control",
        _kept_by_browsers,
    ),
    Check(
        "HTTP-REDIRECT",
        Level.INFO,
        "HTTP is sent on to HTTPS",
        "By HTTP anybody on the way reads passwords and tokens: here that is an exercise.",
        "make tls REDIRECT=1",
        "curl -si http://10.10.10.1/api/docs/ | grep -i location",
        _redirect,
    ),
    Check(
        "HTTP-HSTS",
        Level.INFO,
        "Browsers are told to come by HTTPS only, for half a year",
        "Without it the first http:// link shows the session; in a lab a long one could not be undone.",
        "make tls HSTS=1 shows it, for an hour.",
        "curl -ski https://10.10.10.1/api/docs/ | grep -i strict-transport",
        _hsts,
    ),
)
