"""run.json: what a run was asked for, what became of it, and who made its load."""

import platform
from importlib.metadata import version
from typing import Any

from locust.env import Environment

from common.recording.crew import Member
from common.recording.judge import Judge
from common.report import Outcome, exit_code, reasons_to_fail
from common.shape import LabShape

LIBRARIES = ("locust", "gevent", "geventhttpclient")
OPTIONS = ("via", "keep_alive", "think_time", "sources", "processes", "spawn_rate")


def describe(
    environment: Environment, judge: Judge, outcome: Outcome, open_loop: dict[str, Any] | None
) -> dict[str, Any]:
    """Return all of run.json: times in epoch seconds at the top, and in seconds since `began` below."""
    return {
        "began": judge.began,
        "ended": judge.crew.last_end or judge.began,
        **asked(environment),
        "users": max((users for _, users in judge.users_over_time), default=0),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}},
        "workers": [worker(member) for member in judge.crew.members.values()],
        "users_over_time": [[round(at, 3), users] for at, users in judge.users_over_time],
        "events": [{"at": round(at, 3), "what": what} for at, what in sorted(judge.events)],
        "in_flight": judge.in_flight(shaped=moves(environment)),
        "open_loop": open_loop,
        "exceptions": outcome.exceptions,
        "saturated": bool(outcome.strain),
        "reasons": reasons_to_fail(outcome),
        "code": exit_code(outcome),
    }


def moves(environment: Environment) -> bool:
    """Say whether the load moves on purpose."""
    shape = environment.shape_class
    return shape.moves if isinstance(shape, LabShape) else shape is not None


def asked(environment: Environment) -> dict[str, Any]:
    """Return what the run was asked for."""
    options = vars(environment.parsed_options)
    rate = options.get("rate") or None
    shape = environment.shape_class
    return {
        "scenarios": [user_class.__name__ for user_class in environment.user_classes],
        "shape": type(shape).__name__ if shape else None,
        "rate": rate,
        "arrivals": options.get("arrivals") if rate else None,
        "seconds": options.get("run_time"),
        "host": environment.host or environment.user_classes[0].host,
        "options": {name: options.get(name) for name in OPTIONS},
    }


def worker(member: Member) -> dict[str, Any]:
    """Return what run.json says of one generating process."""
    return {
        "id": member.id,
        "host": member.host,
        "cpu_share": round(member.cpu_share, 4),
        "requests": member.requests,
        "lost": member.lost,
    }
