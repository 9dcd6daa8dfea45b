"""Wave: the ups and downs of days.

A sine between 20 and 100 % of the peak, two periods long, from trough to trough.

What it shows: whether the service comes back from each crest as it was before: response times on the way
down that are higher than on the way up at the same load come from a queue that has not drained yet.

Run it with:  locust -f browse.py,shapes/wave.py --headless -u 40 -t 2m
"""

from common import levels
from common.shape import LabShape


class Wave(LabShape):
    """A sine between a fifth and all of it."""

    level = staticmethod(levels.wave)
