"""The way past the edge: opened for a run that needs it, and closed after it whatever happened."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

import pytest

from lab import settings
from lab.firewall.site import Done
from lab.load import direct
from lab.load.plan import Plan
from lab.settings import Settings

SETTINGS = Settings(settings.defaults())


class Router:
    """As `lab.firewall.site.Site`; remembers what nft was told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def run(self, host: str, words: Sequence[str], *, stdin: str | None = None) -> Done:
        assert host == "router"
        self.told.append(" ".join(words[1:]))
        return subprocess.CompletedProcess(words, 0, "", "")

    def forge(self, host: str, source: str, target: str) -> Done:
        raise AssertionError


@pytest.fixture
def router(monkeypatch: pytest.MonkeyPatch) -> Router:
    monkeypatch.setattr(direct, "addresses", lambda _: ["10.10.20.20", "10.10.20.64"])
    return Router()


def silent(_: str) -> None:
    pass


CLOSE = [f"{verb} element inet lab direct {{ 10.10.20.20, 10.10.20.64 }}" for verb in ("add", "delete")]


def test_it_is_open_for_the_generators_as_long_as_the_run_can_take(router: Router) -> None:
    with direct.opened(SETTINGS, Plan("health", via="app1", seconds=8), silent, router):
        opening = "{ 10.10.20.20 timeout 308s, 10.10.20.64 timeout 308s }"
        assert router.told == [*CLOSE, f"add element inet lab direct {opening}"]
        router.told.clear()
    assert router.told == CLOSE


def test_it_is_closed_after_ctrl_c_too(router: Router) -> None:
    def broken_off() -> None:
        with direct.opened(SETTINGS, Plan("health", via="app1"), silent, router):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert router.told[-2:] == CLOSE


def test_through_the_edge_nothing_is_opened(router: Router) -> None:
    with direct.opened(SETTINGS, Plan("health"), silent, router):
        pass
    assert router.told == []
