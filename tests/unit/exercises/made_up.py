"""A lab that is made up, for what an exercise does around its own looking."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace

from lab.errors import ExitCode, LabError
from link.condition import Link


class Lab:
    """A lab with one zone; `broken` lets it be down."""

    def __init__(self) -> None:
        self.plan = SimpleNamespace(zones=["clients"])
        self.set, self.https, self.in_force, self.broken = Link(), False, "shipped", False
        self.unplanned: list[str] = []
        self.limited = False
        self.settings = {"ALLOWED_HOSTS": "10.10.10.1,localhost"}
        self.other: list[str] = []  # hosts that do not run as the compose file says
        self.dead: dict[str, str] = {}
        self.left_out: set[str] = set()

    def out_of_service(self) -> dict[str, str]:
        return self.dead

    def drained(self) -> set[str]:
        return self.left_out

    def make_whole(self) -> None:
        self.dead, self.left_out = {}, set()

    def link(self, zone: str) -> Link:
        if self.broken:
            raise LabError("host router is not running; run: make up", ExitCode.UNMEASURED)
        return self.set

    def clear_links(self) -> None:
        self.set = Link()

    def https_is_on(self) -> bool:
        return self.https

    def https_off(self) -> None:
        self.https = False

    def rules(self) -> str:
        return self.in_force

    def run(self, host: str, *words: str) -> str:
        assert (host, words[0]) == ("router", "cat")
        return "shipped"

    def load_rules(self) -> None:
        self.in_force = "shipped"

    def strays(self) -> list[str]:
        return self.unplanned

    def limits_are_own(self) -> bool:
        return not self.limited

    def own_limits(self) -> None:
        self.limited = False

    def differing(self, hosts: Sequence[str]) -> list[str]:
        return [host for host in hosts if host in self.other]
