"""What is wrong with what the rude clients saw."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from lab.audit.limits import probe
from lab.audit.limits.evidence import Evidence
from lab.audit.model import Finding, UnmeasuredError

TOO_MANY = 429


def limited(
    where: str, what: str, counts: Callable[[probe.Seen], dict[int, int]]
) -> Callable[[Evidence], list[Finding]]:
    """A judge that wants a 429 among these."""

    def judge(evidence: Evidence) -> list[Finding]:
        found = counts(evidence.seen)
        if not found:
            raise UnmeasuredError(f"no {what} was tried")
        told = ", ".join(f"{count} times {status or 'no answer'}" for status, count in sorted(found.items()))
        return [] if TOO_MANY in found else [Finding(where, f"never a 429 for {what}: {told}")]

    return judge


def cut(
    where: str, limit: float, took: Callable[[probe.Seen], float | None]
) -> Callable[[Evidence], list[Finding]]:
    """A judge that wants this to have ended within so many seconds."""

    def judge(evidence: Evidence) -> list[Finding]:
        seconds = took(evidence.seen)
        if seconds is None:
            return [Finding(where, f"still connected after {probe.PATIENCE:.0f} s")]
        return [Finding(where, f"cut off only after {seconds:.0f} s")] if seconds > limit else []

    return judge


def refused(
    where: str, expected: tuple[int, ...], got: Callable[[probe.Seen], int]
) -> Callable[[Evidence], list[Finding]]:
    """A judge that wants one of these statuses."""

    def judge(evidence: Evidence) -> list[Finding]:
        status = got(evidence.seen)
        return [] if status in expected else [Finding(where, f"answered {status or 'nothing'}")]

    return judge


def retry_after(evidence: Evidence) -> Iterable[Finding]:
    """Each 429 that does not say for how long."""
    return [
        Finding("429", f"Retry-After is '{value}', no number of seconds")
        for value in evidence.seen.retry_after
        if not value.isdigit()
    ]


def buffered(evidence: Evidence) -> Iterable[Finding]:
    """Whether another client was answered meanwhile."""
    status = evidence.seen.beside_slow_bodies
    said = f"answered {status}" if status else f"no answer in {probe.PATIENCE:.0f} s"
    return (
        [] if status == 200 else [Finding("/api/whoami/", f"beside {probe.SLOW_BODIES} slow bodies: {said}")]
    )


def crowd(evidence: Evidence) -> list[Finding]:
    """Whether one address may have any number of requests in progress."""
    status = evidence.seen.beside_crowd
    if not status:
        raise UnmeasuredError("the crowd took too long to come together; try again on a quiet machine")
    seen = f"answered {status} to an address with {probe.CONNECTIONS} requests in progress"
    return [] if status == TOO_MANY else [Finding("edge", seen)]


def rule(pattern: str, what: str) -> Callable[[Evidence], list[Finding]]:
    """A judge that wants such a rule among the router's, and a way that leads to it."""

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
