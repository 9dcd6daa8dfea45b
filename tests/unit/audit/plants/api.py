"""What an API in order lets people do, and what one with a hole does."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from lab.audit.api.attempts import HIDDEN, MARK
from lab.audit.api.evidence import Evidence
from lab.audit.door import Reply
from tests.unit.audit.planting import Plant


def reply(status: int, body: object = None, **headers: str) -> Reply:
    """An answer in JSON."""
    return Reply(status, tuple(headers.items()), json.dumps(body, separators=(",", ":")).encode())


NO = reply(403, {"error": {"status": 403}})
NOTHING = reply(404, {"error": {"status": 404}})
BAD = reply(400, {"error": {"status": 400}})
UNKNOWN = reply(401, {"error": {"status": 401}})
TICKET = {
    "id": 1301,
    "user": 4,
    "assignee": None,
    "status": "open",
    "priority": 2,
    "image": None,
    "created_at": "2026-11-28T14:50:43Z",
    "updated_at": "2026-11-28T14:50:43Z",
}
SENT = {
    "id": 900_000_001,
    "user": 1,
    "assignee": 1,
    "status": "closed",
    "image": "/etc/passwd",
    "created_at": "2001-01-01T00:00:00Z",
    "updated_at": "2001-01-01T00:00:00Z",
}
ROWS = reply(200, {"count": 1300, "next": "http://x/?page=2", "results": [{"id": n} for n in range(200)]})
REFUSED = {"code": 1, "said": "Stopped: the webhook's address is inside this network"}
CLEAN = Evidence(
    others={"another student reads it": NOTHING, "nobody reads it": UNKNOWN},
    tokens={"alg none": UNKNOWN, "no token": UNKNOWN},
    guesses={"student1": UNKNOWN, "nobody-of-that-name": UNKNOWN},
    lifetime=1800.0,
    sent=SENT,
    filed=TICKET,
    own={"status": NO},
    left=TICKET,
    shown={
        "/api/tickets/?page_size=200": reply(200, {"results": [{"id": 7, "user": 5}]}),
        "/api/whoami/": reply(200, {"user": {"id": 5}}),
    },
    viewer=5,
    among_staff={
        "note": reply(201, {"text": MARK}),
        "a note of one's own": NO,
        "comments": reply(200, {"results": []}),
        "events": reply(200, {"results": [{"internal": False}]}),
        "ticket": reply(200, TICKET),
    },
    large={"rows": ROWS, "deep JSON": BAD},
    admin={
        "a student makes a department": NO,
        "a student opens the admin": reply(302, Location="/admin/login/"),
    },
    flow={400: 10, 429: 1},
    errors={"broken JSON": BAD, "a quote": reply(200, {"results": []})},
    schema={
        "schema": reply(200, {"paths": {"/api/tickets/": {}}}),
        "root": reply(200, {"tickets": "http://10.10.10.1/api/tickets/"}),
    },
    hidden=dict.fromkeys(HIDDEN, NOTHING),
    webhooks={"127.0.0.1:8000": REFUSED},
    rogues={
        "redirect": {"code": 1, "said": "", "asked": ["/api/v10/webhooks/100/audit"], "taken": 0},
        "page": {"code": 1, "said": "", "asked": ["/api/v10/webhooks/101/audit"], "taken": 0},
        "flood": {"code": 0, "said": "", "asked": ["/api/v10/webhooks/102/audit"], "taken": 6_100_000},
    },
    deleted=Reply(204),
)


def but(**changed: Any) -> Evidence:  # noqa: ANN401
    """The clean evidence, with something else in it."""
    return dataclasses.replace(CLEAN, **changed)


def staff(**changed: Reply) -> Evidence:
    """As `but`, in what a student sees among staff."""
    return but(among_staff={**CLEAN.among_staff, **changed})


def rogue(name: str, **changed: object) -> Evidence:
    """As `but`, in what the notifier did with one webhook."""
    return but(rogues={**CLEAN.rogues, name: {**CLEAN.rogues[name], **changed}})


LISTED = "/api/tickets/?page_size=200"
TRACEBACK = Reply(400, (), b'Traceback (most recent call last):\n  File "/srv/app/x.py"')
PLANTS = (
    Plant(
        "API1-OBJECTS",
        "ids are enough",
        but(others={"another student reads it": reply(200, TICKET)}),
        "another student reads it",
    ),
    Plant(
        "API1-OBJECTS",
        "others' tickets can be deleted",
        but(others={"nobody deletes it": Reply(204)}),
        "nobody deletes it",
    ),
    Plant("API2-TOKENS", "tokens are not checked", but(tokens={"alg none": ROWS}), "alg none"),
    Plant("API2-TOKENS", "a refresh token opens", but(tokens={"a refresh token": ROWS}), "a refresh token"),
    Plant(
        "API2-NAMES",
        "no such user",
        but(guesses={"a": UNKNOWN, "b": reply(404, "no such user")}),
        "/api/token/",
    ),
    Plant("API2-LIFETIME", "a day", but(lifetime=86400.0), "/api/token/"),
    Plant(
        "API3-FILING",
        "the owner is whoever is written",
        but(filed={**TICKET, "user": 1}, left={**TICKET, "user": 1}),
        "user",
    ),
    Plant("API3-FILING", "a path as a picture", but(filed={**TICKET, "image": "/etc/passwd"}), "image"),
    Plant("API3-CHANGING", "a student closes", but(left={**TICKET, "status": "closed"}), "status"),
    Plant("API3-CHANGING", "a student gives it away", but(left={**TICKET, "assignee": 2}), "assignee"),
    Plant(
        "API3-SHOWN",
        "everybody's tickets",
        but(shown={**CLEAN.shown, LISTED: reply(200, {"results": [{"id": 1, "user": 4}]})}),
        LISTED,
    ),
    Plant(
        "API3-SHOWN",
        "hashes of passwords",
        but(shown={**CLEAN.shown, "/api/whoami/": reply(200, {"user": {"password": "pbkdf2"}})}),
        "/api/whoami/",
    ),
    Plant(
        "API3-STAFF", "notes are shown", staff(comments=reply(200, {"results": [{"text": MARK}]})), "comments"
    ),
    Plant("API3-STAFF", "notes' events are shown", staff(events=reply(200, [{"internal": True}])), "events"),
    Plant("API3-STAFF", "students make notes", staff(**{"a note of one's own": reply(201)}), "comments"),
    Plant(
        "API4-ROWS",
        "any number of rows",
        but(large={"rows": reply(200, {"next": None, "results": [{"id": n} for n in range(1300)]})}),
        "/api/tickets/",
    ),
    Plant(
        "API4-SIZES", "long texts are kept", but(large={"rows": ROWS, "long text": reply(201)}), "long text"
    ),
    Plant(
        "API4-SIZES",
        "deep JSON ends a worker",
        but(large={"rows": ROWS, "deep JSON": reply(502)}),
        "deep JSON",
    ),
    Plant(
        "API5-ADMIN",
        "students make departments",
        but(admin={"a student makes a department": reply(201)}),
        "a student makes a department",
    ),
    Plant(
        "API5-ADMIN",
        "the admin is open",
        but(admin={"an agent opens the admin": reply(200)}),
        "an agent opens the admin",
    ),
    Plant("API5-ADMIN", "it redirects elsewhere", but(admin={"x": reply(302, Location="/admin/auth/")}), "x"),
    Plant("API6-FLOW", "each address its own bucket", but(flow={400: 22}), "/api/tickets/"),
    Plant(
        "API7-WEBHOOK",
        "loopback is posted to",
        but(webhooks={"127.0.0.1:8000": {"code": 0, "said": ""}}),
        "127.0.0.1:8000",
    ),
    Plant(
        "API7-WEBHOOK",
        "metadata is tried",
        but(webhooks={"169.254.169.254": {"code": None, "said": ""}}),
        "169.254.169.254",
    ),
    Plant(
        "API7-WEBHOOK", "refused by what answered", but(webhooks={"app2": {"code": 1, "said": "404"}}), "app2"
    ),
    Plant("API8-ERRORS", "a traceback", but(errors={"broken JSON": TRACEBACK}), "broken JSON"),
    Plant("API8-ERRORS", "a null byte breaks it", but(errors={"a null byte": reply(500)}), "a null byte"),
    Plant(
        "API9-SCHEMA",
        "a route nobody wrote down",
        but(schema={**CLEAN.schema, "root": reply(200, {"users": "http://10.10.10.1/api/users/"})}),
        "users",
    ),
    Plant("API9-HIDDEN", "an old version", but(hidden={"/api/v1/tickets/": reply(200)}), "/api/v1/tickets/"),
    Plant(
        "API10-WEBHOOK", "redirects are followed", rogue("redirect", asked=["/a", "/elsewhere"]), "redirect"
    ),
    Plant("API10-WEBHOOK", "all of it is read", rogue("flood", taken=100_000_000), "flood"),
    Plant("API10-WEBHOOK", "a page is Discord", rogue("page", code=0), "page"),
    Plant("API10-WEBHOOK", "it hangs", rogue("flood", code=None), "flood"),
    Plant("API10-WEBHOOK", "it breaks off", rogue("page", code=-1), "page"),
    Plant("API-LEFT", "the ticket stays", but(deleted=NO), "ticket 1301"),
)
