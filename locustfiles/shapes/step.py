"""Step: stairs of equal length, one load after the other.

Five stairs, at 20, 40, 60, 80 and 100 % of the peak.

What it shows: on each stair the service settles, so that each is a small steady run of its own: read
throughput against response time at the end of the stairs. Where a stair does not settle, its load is beyond
the knee.

Run it with:  locust -f browse.py,shapes/step.py --headless -u 50 -t 100s
"""

from common import levels
from common.shape import LabShape


class Step(LabShape):
    """Five stairs."""

    level = staticmethod(levels.step)
