"""How busy the VM's processors are, by a /proc/stat of our own."""

from __future__ import annotations

import time
from math import isnan
from pathlib import Path

import pytest

from lab.experiments import processors
from lab.experiments.processors import Watch


def test_the_share_is_of_the_ticks_between_two_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stat = tmp_path / "stat"
    monkeypatch.setattr(processors, "STAT", stat)
    # user nice system idle iowait irq softirq steal, and guest, which is counted in user already
    stat.write_text("cpu  100 0 50 800 50 0 0 0 7 7\ncpu0 1 1 1 1\n")
    begin = time.time()
    with Watch() as watch:
        stat.write_text("cpu  160 0 60 820 55 2 2 1 99 9\ncpu0 1 1 1 1\n")
    assert watch.busy(begin, time.time()) == pytest.approx(75 / 100)
    assert isnan(watch.busy(begin - 2, begin - 1)), "nobody looked then"


def test_this_machine_tells_a_share() -> None:
    begin = time.time()
    with Watch() as watch:
        while time.time() < begin + 0.1:
            pass
    assert 0 < watch.busy(begin, time.time()) <= 1
