"""Steady: the same load from beginning to end.

All users come at once (in an open loop: requests arrive at the full rate from the first second) and stay.

What it shows: what the service does at one load, which is what the laws of queueing speak of: Little's law L
= λ·W holds for the whole run, and two steady runs can be compared. Take the peak below the knee that `ramp`
found.

Run it with:  locust -f browse.py,shapes/steady.py --headless -u 20 -t 30s
"""

from common import levels
from common.shape import LabShape


class Steady(LabShape):
    """The same level all the time."""

    moves = False
    level = staticmethod(levels.steady)
