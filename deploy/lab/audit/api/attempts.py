"""The attempts themselves, by the rule of OWASP's API Security Top 10 (2023) that each would break."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import struct
import zlib
from collections.abc import Mapping
from typing import Any

from lab.audit.api.caller import JSON, LOG_IN, Caller, decoded, encoded
from lab.audit.door import Door, Reply

Replies = Mapping[str, Reply | None]
MARK = "seen by staff alone"
WORDS = {"name": "Audit", "email": "audit@example.org", "phone": "0", "issue": "make audit looks around"}
HIDDEN = (
    *("/api/v1/tickets/", "/api/v2/tickets/", "/v1/tickets/", "/api/internal/", "/api/debug/", "/api/users/"),
    *("/api/admin/", "/api/config/", "/api/groups/", "/api/deliveries/", "/api/ratewindows/", "/graphql"),
    *("/metrics", "/swagger.json", "/actuator/health", "/__debug__/", "/silk/", "/api/register/"),
)
FORMS = "application/x-www-form-urlencoded"


def ticket(department: int, somebody: int) -> dict[str, Any]:
    """A ticket with more in it than its filer may say."""
    return {
        **WORDS,
        "department": department,
        "id": 900_000_001,
        "user": somebody,
        "user_id": somebody,
        "assignee": somebody,
        "status": "closed",
        "image": "/etc/passwd",
        "created_at": "2001-01-01T00:00:00Z",
        "updated_at": "2001-01-01T00:00:00Z",
    }


def others(address: str, student: Caller, agent: Caller, nobody: Caller) -> Replies:
    """Another student, an agent of another department and nobody at all, at a student's ticket."""
    picture = png(1, 1)
    found: dict[str, Reply | None] = {}
    for name, caller in (("another student", student), ("an agent of elsewhere", agent), ("nobody", nobody)):
        tries = {
            "reads it": caller.get(address),
            "changes it": caller.send("PATCH", address, {"issue": "taken over"}),
            "deletes it": caller.send("DELETE", address),
            "reads what is said": caller.get(f"{address}comments/"),
            "says something": caller.send("POST", f"{address}comments/", {"text": "let me in"}),
            "reads its history": caller.get(f"{address}events/"),
            "sees its picture": caller.get(f"{address}image/"),
            "sets its picture": caller.send(
                "PUT", f"{address}image/", picture, {"Content-Type": "image/png"}
            ),
        }
        found |= {f"{name} {what}": reply for what, reply in tries.items()}
    return found


def tokens(door: Door, student: Caller, password: str) -> Replies:
    """Tokens that are none, and ways to hand one over that are none."""
    header, claims, signature = student.access.split(".")
    other = encoded({**student.claims, "user_id": "1"})
    basic = base64.b64encode(f"student1:{password}".encode()).decode()

    def with_token(token: str) -> Reply | None:
        return Caller(door, token).get("/api/tickets/")

    def signed(claims: dict[str, Any], key: bytes) -> str:
        text = f"{header}.{encoded(claims)}"
        made = hmac.new(key, text.encode(), hashlib.sha256).digest()
        return f"{text}.{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}"

    return {
        "alg none": with_token(f"{encoded({**decoded(header), 'alg': 'none'})}.{claims}."),
        "alg None with a signature": with_token(
            f"{encoded({**decoded(header), 'alg': 'None'})}.{claims}.{signature}"
        ),
        "another key": with_token(signed(student.claims, secrets.token_bytes(32))),
        "an empty key": with_token(signed(student.claims, b"")),
        "a key that is known": with_token(signed(student.claims, b"secret")),
        "another user under the old signature": with_token(f"{header}.{other}.{signature}"),
        "no signature": with_token(f"{header}.{claims}."),
        "a refresh token": with_token(student.refresh),
        "token in the address": Caller(door).get(f"/api/tickets/?token={student.access}"),
        "access_token in the address": Caller(door).get(f"/api/tickets/?access_token={student.access}"),
        "a password in each request": Caller(door).send(
            "GET", "/api/tickets/", headers={"Authorization": f"Basic {basic}"}
        ),
        "no token": Caller(door).get("/api/tickets/"),
    }


def guesses(door: Door) -> Replies:
    """A wrong password, for somebody whom there is and for somebody whom there is not."""
    wrong = secrets.token_hex(8)
    return {
        name: Caller(door).send("POST", LOG_IN, {"username": name, "password": wrong})
        for name in ("student1", "nobody-of-that-name")
    }


def own(address: str, student: Caller, somebody: int) -> Replies:
    """What of their own ticket a student may not change."""
    values = {"status": "resolved", "priority": 1, "assignee": somebody, "user": somebody, "id": 1}
    found = {name: student.send("PATCH", address, {name: value}) for name, value in values.items()}
    form = student.send(
        "PATCH", address, f"status=closed&assignee={somebody}".encode(), {"Content-Type": FORMS}
    )
    return {**found, "a form": form, "PUT": student.send("PUT", address, {**WORDS, "status": "closed"})}


def among_staff(address: str, student: Caller, instructor: Caller) -> Replies:
    """What a student sees of a ticket on which an instructor has made a note for staff."""
    said = f"{address}comments/"
    return {
        "note": instructor.send("POST", said, {"text": MARK, "internal": True}),
        "a note of one's own": student.send("POST", said, {"text": "from a student", "internal": True}),
        "comments": student.get(said),
        "events": student.get(f"{address}events/"),
        "ticket": student.get(address),
    }


def shown(student: Caller) -> Replies:
    """The lists that a student gets to see."""
    paths = ("/api/tickets/?page_size=200", "/api/departments/", "/api/stats/", "/api/whoami/")
    return {path: student.get(path) for path in paths}


def large(address: str, student: Caller, instructor: Caller) -> Replies:
    """More than one may ask for."""
    deep = b'{"issue": ' + b"[" * 100_000
    bomb = {"Content-Type": "image/png"}
    return {
        "rows": instructor.get("/api/tickets/?page_size=1000000&fields=id"),
        "deep JSON": student.send("POST", "/api/tickets/", deep),
        "long text": student.send(
            "POST", "/api/tickets/", {**WORDS, "issue": "a" * 1_000_000, "department": 1}
        ),
        "long number": student.get(f"/api/tickets/?page={'9' * 5000}"),
        "a picture of 60,000 times 60,000": student.send(
            "PUT", f"{address}image/", png(60_000, 60_000), bomb
        ),
        "far page": student.get("/api/departments/?page=999999999"),
    }


def admin(address: str, student: Caller, agent: Caller, instructor: Caller) -> Replies:
    """What only instructors may do. A department that was made all the same is taken away again."""
    desks = "/api/departments/"
    found: dict[str, Reply | None] = {"a student deletes a ticket": student.send("DELETE", address)}
    for name, caller in (("a student", student), ("an agent", agent)):
        made = caller.send("POST", desks, {"name": f"Audit {secrets.token_hex(4)}"})
        if made and made.status == 201:
            instructor.send("DELETE", f"{desks}{_id(made)}/")
        found |= {
            f"{name} makes a department": made,
            f"{name} renames a department": caller.send("PATCH", f"{desks}999999999/", {"name": "mine"}),
            f"{name} deletes a department": caller.send("DELETE", f"{desks}999999999/"),
            f"{name} opens the admin": caller.get("/admin/"),
            f"{name} lists the accounts": caller.get("/admin/auth/user/"),
        }
    return found


def flow(nobody: Caller, filings: int) -> dict[int, int]:
    """Empty tickets, each from an address that was made up; refused ones are not kept."""
    counts: dict[int, int] = {}
    for number in range(2 * filings + 2):
        forged = {"X-Forwarded-For": f"198.51.100.{number % 250}", "X-Real-IP": f"198.51.100.{number % 250}"}
        reply = nobody.send("POST", "/api/tickets/", {}, forged)
        status = reply.status if reply else 0
        counts[status] = counts.get(status, 0) + 1
        if status == 429:
            break
    return counts


def errors(student: Caller) -> Replies:
    """Requests that a careless program trips over."""
    return {
        "broken JSON": student.send("POST", "/api/tickets/", b'{"name": '),
        "broken text": student.send("POST", "/api/tickets/", b'{"name": "\xff\xfe"}'),
        "XML": student.send("POST", "/api/tickets/", b"<a/>", {"Content-Type": "application/xml"}),
        "a null byte": student.get("/api/tickets/?search=%00"),
        "a quote": student.get("/api/tickets/?search=%27%20OR%201%3D1--"),
        "an unknown order": student.get("/api/tickets/?ordering=user__password"),
        "a huge id": student.get(f"/api/tickets/{'9' * 18}/"),
        "a list": student.send("POST", "/api/tickets/", [1, 2]),
        "a form without fields": student.send(
            "POST", LOG_IN, b"--x--", {"Content-Type": "multipart/form-data; boundary=x", "Accept": JSON}
        ),
    }


def png(width: int, height: int) -> bytes:
    """The head of a picture of this size, with hardly anything in it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0\0"))
        + chunk(b"IEND", b"")
    )


def _id(reply: Reply) -> str:
    return reply.text.partition('"id":')[2].partition(",")[0].strip(" }")
