"""What a student draws: where a stray program listens and how, and a name for the service."""

from __future__ import annotations

from dataclasses import dataclass

from lab.exercises.student import Draw

# Hosts that `make up` leaves as they are when ALLOWED_HOSTS changes, so that what listens there stays.
HOSTS = ("locust", "router", "discord")
PROGRAMS = ("backupd", "camerad", "doorbelld", "metricsd", "printerd", "syncd", "thermod", "wikid")
BINDS = {"all": "0.0.0.0", "loopback": "127.0.0.1"}  # noqa: S104 - that it is open to all is the exercise


@dataclass(frozen=True)
class Plot:
    """host: where the stray program listens; program: its name; bind: 'all' or 'loopback'; port: its port.
    name: by which the service shall be known."""

    host: str
    program: str
    bind: str
    port: int
    name: str

    def numbers(self) -> dict[str, str]:
        """What the page's commands name."""
        return {"PORT": str(self.port), "NAME": self.name}


def draw(draw: Draw) -> Plot:
    """A student's own."""
    return Plot(
        host=draw.one_of(HOSTS),
        program=draw.one_of(PROGRAMS),
        bind=draw.one_of(tuple(BINDS)),
        port=draw.whole(3000, 3999),  # none of the lab's own ports is among them
        name=f"helpdesk-{draw.whole(1000, 9999)}.lab",
    )
