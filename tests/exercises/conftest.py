"""The lab of tests/lab, for the exercises; at the end, how long each verb took and how near theory came."""

from __future__ import annotations

import pytest

from tests.exercises import pace
from tests.lab.conftest import _engine, lab

__all__ = ["_engine", "lab"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Figures of this run: told, not asserted, since a time is of the machine that it was taken on."""
    for title, lines in (
        ("seconds of each verb", pace.seconds()),
        ("theory beside measurement", pace.theory()),
    ):
        if lines:
            terminalreporter.section(title)
            for line in lines:
                terminalreporter.write_line(line)
