"""The policy that a student draws, and what is asked about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lab import settings, topology
from lab.exercises import sheet
from lab.exercises.model import Part, Question
from lab.exercises.quantity import COUNT
from lab.exercises.student import Draw

NUMBER = 7
MONITORS, APPS, PINGERS = ("client", "locust"), ("app1", "app2"), ("edge", "app1", "app2")
BARRED, PINGED = "locust", "client"
COUNTER = "monitor_to_app"
RULES = sheet.path(NUMBER).with_suffix(".nft").name


@dataclass(frozen=True)
class Policy:
    """What is to change.

    `monitor` may reach `app` at TCP `port`; locust may no longer reach the edge's port 80, where `verdict`
    says how it is turned away (reject or drop); `pinger` may ping the client.
    """

    monitor: str
    app: str
    port: int
    verdict: str
    pinger: str

    @property
    def neighbour(self) -> str:
        """The other host of the clients' network."""
        return _other(MONITORS, self.monitor)

    @property
    def other_app(self) -> str:
        """The app server that stays closed."""
        return _other(APPS, self.app)

    @property
    def not_pinging(self) -> str:
        """A host that still may not ping the client."""
        return _other(PINGERS, self.pinger)


def _other(hosts: Sequence[str], one: str) -> str:
    return next(host for host in hosts if host != one)


def draw(drawn: Draw) -> Policy:
    """The student's own policy."""
    return Policy(
        monitor=drawn.one_of(MONITORS),
        app=drawn.one_of(APPS),
        port=drawn.whole(9000, 9899),
        verdict=drawn.one_of(("reject", "drop")),
        pinger=drawn.one_of(PINGERS),
    )


def numbers(policy: Policy) -> Mapping[str, str]:
    """What the page's commands name, with the addresses of the lab as shipped."""
    plan = topology.read(settings.defaults())
    return {
        "MONITOR": policy.monitor, "MONITOR_ADDRESS": plan.address(policy.monitor),
        "NEIGHBOUR": policy.neighbour, "APP": policy.app, "APP_ADDRESS": plan.address(policy.app),
        "PORT": str(policy.port), "VERDICT": policy.verdict, "PINGER": policy.pinger,
    }  # fmt: skip


def questions(policy: Policy) -> Sequence[Question]:
    """What is asked about it."""
    flow = f"{policy.monitor} to {policy.app}, TCP {policy.port}"
    outcomes, notices = ("accept", "reject", "drop"), ("at-once", "after-a-time-out")
    return (
        Question("monitor_before", Part.PREDICT, f"{flow}, as shipped?", choices=outcomes),
        Question("barred_before", Part.PREDICT, f"{BARRED} to edge, TCP 80, as shipped?", choices=outcomes),
        Question("reply_rules", Part.PREDICT, f"How many new rules do {policy.app}'s replies need?", COUNT),
        Question("counted", Part.PREDICT, "Packets that your rule counts per connection.", COUNT),
        Question("behind_a_drop", Part.PREDICT, "An accept behind a drop is?", choices=(
            "never-reached", "wins-as-the-last", "wins-as-the-narrower")),
        Question("barred_notices", Part.PREDICT, f"{BARRED} notices when?", choices=notices),
        Question("barred_seen", Part.MEASURE, f"What curl on {BARRED} says of the edge.", choices=(
            "answered", "refused", "timed-out")),
        Question("neighbour_seen", Part.MEASURE, f"What curl on {policy.neighbour} says.",
                 choices=("answered", "refused", "timed-out")),
        Question("counted_seen", Part.MEASURE, f"By how much one curl made {COUNTER} grow.", COUNT),
        Question("replies_pass_by", Part.EXPLAIN, "Which rule lets the replies through?", choices=(
            "established", "policy-accept", "nat", "my-rule")),
        Question("tomorrow", Part.EXPLAIN, "A new port that no rule names. May clients use it?", choices=(
            "no-dropped-by-default", "yes-nothing-forbids-it")),
    )  # fmt: skip
