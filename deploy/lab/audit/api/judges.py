"""What is wrong with what the API let people do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from lab.audit.api.attempts import MARK
from lab.audit.api.evidence import Evidence, Replies, document
from lab.audit.door import Reply
from lab.audit.model import Finding, UnmeasuredError

LONGEST = 3600  # seconds that a token may be good for
MOST_ROWS = 200
MOST_TAKEN = 20_000_000  # bytes of an answer that are on their way before somebody stops reading
NOT_THE_FILERS = ("id", "user", "assignee", "status", "image", "created_at", "updated_at")
KEPT = ("id", "user", "assignee", "status", "priority")
PRIVATE = {"password", "is_staff", "is_superuser", "last_login", "is_active", "session", "secret"}
INSIDES = re.compile(r'Traceback|File "/|site-packages|django\.|sqlite3|psycopg|SELECT .* FROM')


def answered(replies: Replies) -> Iterable[tuple[str, Reply]]:
    """Each reply by its name; raises UnmeasuredError for a connection that was closed without one."""
    for name, reply in replies.items():
        if reply is None:
            raise UnmeasuredError(f"{name}: the connection was closed without an answer")
        yield name, reply


def only(
    which: Callable[[Evidence], Replies], statuses: Iterable[int]
) -> Callable[[Evidence], list[Finding]]:
    """A judge that wants one of these statuses for each."""
    good = frozenset(statuses)

    def judge(evidence: Evidence) -> list[Finding]:
        return [
            Finding(name, f"answered {reply.status}")
            for name, reply in answered(which(evidence))
            if reply.status not in good
        ]

    return judge


def guesses(evidence: Evidence) -> Iterable[Finding]:
    """What tells an account that there is from one that there is not."""
    told = {(reply.status, reply.body) for _, reply in answered(evidence.guesses)}
    if len(told) > 1:
        yield Finding("/api/token/", "a wrong password is refused in other words than an unknown name")


def lifetime(evidence: Evidence) -> Iterable[Finding]:
    """A token that is good for long."""
    if evidence.lifetime > LONGEST:
        yield Finding("/api/token/", f"an access token is good for {evidence.lifetime / 3600:.0f} hours")


def filed(evidence: Evidence) -> Iterable[Finding]:
    """Fields that were not the filer's, and are as the filer wrote them."""
    if not evidence.filed:
        raise UnmeasuredError("the ticket that was filed could not be read")
    for name in NOT_THE_FILERS:
        if evidence.filed.get(name) == evidence.sent[name]:
            yield Finding(name, f"the filer set it to {evidence.sent[name]!r}")


def own(evidence: Evidence) -> Iterable[Finding]:
    """Fields of their ticket that a student has changed, and may not."""
    if not evidence.left:
        raise UnmeasuredError("the ticket could not be read after the changes")
    for name in KEPT:
        before, after = evidence.filed.get(name), evidence.left.get(name)
        if before != after:
            yield Finding(name, f"a student changed it from {before!r} to {after!r}")


def shown(evidence: Evidence) -> Iterable[Finding]:
    """What a student is shown and has no use for: others' tickets, and fields of accounts."""
    for path, reply in answered(evidence.shown):
        found = document(reply)
        if reply.status != 200 or not found:
            raise UnmeasuredError(f"{path} answered {reply.status}")
        for name in sorted(PRIVATE & set(_keys(found))):
            yield Finding(path, f"'{name}' is in it")
        rows = found.get("results") if path.startswith("/api/tickets/") else None
        if any(row.get("user") != evidence.viewer for row in rows or ()):
            yield Finding(path, "somebody else's tickets are in it")


def among_staff(evidence: Evidence) -> Iterable[Finding]:
    """Words among staff that a student reads or writes."""
    found = dict(answered(evidence.among_staff))
    if found["note"].status != 201:
        raise UnmeasuredError(f"an instructor could not make a note ({found['note'].status})")
    for name in ("comments", "events", "ticket"):
        if MARK in found[name].text or (name == "events" and '"internal":true' in found[name].text):
            yield Finding(name, "a student reads a note that is for staff")
    if found["a note of one's own"].status == 201:
        yield Finding("comments", "a student made a note that is for staff")


def rows(evidence: Evidence) -> Iterable[Finding]:
    """A page of more rows than there may be."""
    found = document(evidence.large.get("rows"))
    listed = found.get("results")
    if not isinstance(listed, list):
        raise UnmeasuredError("the list of tickets could not be read")
    if len(listed) > MOST_ROWS:
        yield Finding("/api/tickets/", f"{len(listed)} tickets on a page")
    elif not found.get("next"):
        raise UnmeasuredError(f"there are only {len(listed)} tickets, so no page ends; run: make load")


def large(evidence: Evidence) -> Iterable[Finding]:
    """Large things that were taken, or that broke something."""
    for name, reply in answered(evidence.large):
        if name != "rows" and not 400 <= reply.status < 500:
            yield Finding(name, f"answered {reply.status}")


def admin(evidence: Evidence) -> Iterable[Finding]:
    """What is for instructors, and was not refused."""
    for name, reply in answered(evidence.admin):
        sent_away = reply.status == 302 and "/login/" in reply.header("Location")
        if reply.status not in (401, 403) and not sent_away:
            yield Finding(name, f"answered {reply.status}")


def flow(evidence: Evidence) -> Iterable[Finding]:
    """A throttle that a made-up address gets round."""
    if 429 not in evidence.flow:
        told = ", ".join(f"{count} times {status}" for status, count in sorted(evidence.flow.items()))
        yield Finding("/api/tickets/", f"never a 429 for forged addresses: {told}")


def inside(evidence: Evidence) -> Iterable[Finding]:
    """Webhooks inside that were called, or would have been."""
    if not evidence.webhooks:
        raise UnmeasuredError("no webhook was tried")
    for target, did in evidence.webhooks.items():
        if did["code"] is None:
            yield Finding(target, "the notifier kept trying to connect")
        elif did["code"] == 0 or "is inside" not in did["said"]:
            yield Finding(target, f"not refused for its address (exit code {did['code']})")


def errors(evidence: Evidence) -> Iterable[Finding]:
    """Requests that broke something, or whose answer tells of the insides."""
    for name, reply in answered(evidence.errors):
        leak = INSIDES.search(reply.text)
        if reply.status >= 500:
            yield Finding(name, f"answered {reply.status}")
        elif leak:
            yield Finding(name, f"the answer has '{leak[0]}' in it")


def inventory(evidence: Evidence) -> Iterable[Finding]:
    """Addresses that the API names and its documentation does not."""
    documented = document(evidence.schema.get("schema")).get("paths")
    listed = document(evidence.schema.get("root"))
    if not documented or not listed:
        raise UnmeasuredError("the schema or the API's root could not be read")
    for name, url in listed.items():
        if urlsplit(str(url)).path not in documented:
            yield Finding(name, f"{url} is not in /api/schema/")


def misled(evidence: Evidence) -> Iterable[Finding]:
    """What a webhook could have the notifier do."""
    if not evidence.rogues:
        raise UnmeasuredError("no webhook was tried")
    for name, did in evidence.rogues.items():
        seen = _misled(name, did)
        if seen:
            yield Finding(name, seen)


def deleted(evidence: Evidence) -> Iterable[Finding]:
    """The audit's own ticket, where it is still there."""
    reply = evidence.deleted
    if reply is None or reply.status != 204:
        number = evidence.filed.get("id", "?")
        yield Finding(f"ticket {number}", f"not deleted ({reply.status if reply else 'no answer'})")


def _misled(name: str, did: dict[str, Any] | Any) -> str | None:  # noqa: ANN401  # JSON
    if did["code"] is None:
        return "the notifier hung on it"
    if did["code"] < 0 or "Traceback" in did["said"]:
        return "the notifier broke off"
    if any("/elsewhere" in path for path in did["asked"]):
        return "the notifier went where the answer sent it"
    if did["taken"] > MOST_TAKEN:
        return f"the notifier read {did['taken'] / 1e6:.0f} MB of an answer"
    if name == "page" and did["code"] == 0:
        return "a web page counts as Discord's answer"
    return None


def _keys(found: object) -> Iterable[str]:
    if isinstance(found, dict):
        for name, value in found.items():
            yield str(name)
            yield from _keys(value)
    elif isinstance(found, list):
        for value in found:
            yield from _keys(value)
