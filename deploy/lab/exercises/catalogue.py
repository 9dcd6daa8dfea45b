"""The exercises by number."""

from __future__ import annotations

from typing import Any

from lab.errors import ExitCode, LabError
from lab.exercises import (
    ex01_addresses,
    ex02_ports,
    ex03_packets,
    ex04_latency,
    ex05_bandwidth,
    ex06_loss,
    ex07_firewall,
    ex08_rates,
    ex09_queueing,
    ex10_balance,
    ex11_honest,
    ex12_audit,
)
from lab.exercises.model import Exercise

EXERCISES: dict[int, Exercise[Any]] = {
    one.number: one
    for one in (
        ex01_addresses.EXERCISE,
        ex02_ports.EXERCISE,
        ex03_packets.EXERCISE,
        ex04_latency.EXERCISE,
        ex05_bandwidth.EXERCISE,
        ex06_loss.EXERCISE,
        ex07_firewall.EXERCISE,
        ex08_rates.EXERCISE,
        ex09_queueing.EXERCISE,
        ex10_balance.EXERCISE,
        ex11_honest.EXERCISE,
        ex12_audit.EXERCISE,
    )
}  # fmt: skip


def numbered(number: int) -> Exercise[Any]:
    """The exercise; raises LabError (exit code 2) naming those that there are."""
    if number not in EXERCISES:
        there = ", ".join(map(str, EXERCISES))
        raise LabError(f"there is no exercise {number}; there are {there}: make exercises", ExitCode.USAGE)
    return EXERCISES[number]
