"""Ramp: a slow rise to the peak, to find the knee.

The load grows in a straight line from nothing to the peak, which it reaches at the very end.

What it shows: up to some load the throughput grows with it and the response time hardly changes; from there
on the throughput stays and the response time grows instead. That is the knee, N* = (R + Z) / S for a
bottleneck that needs S seconds per request. Take a peak well beyond it, and enough time: 2 s per user at the
least.

Run it with:  locust -f browse.py,shapes/ramp.py --headless -u 60 -t 2m
"""

from common import levels
from common.shape import LabShape


class Ramp(LabShape):
    """A straight rise from nothing."""

    level = staticmethod(levels.ramp)
