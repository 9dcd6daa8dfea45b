"""Spike: a calm service, a short burst, and the recovery.

20 % of the peak; in the middle, for a tenth of the run, all of it; then 20 % again.

What it shows: how long the service needs to get over a burst. Its queue drains at what its capacity leaves
over, so it is back after about (peak - capacity) / (capacity - baseline) times the burst: much longer than
the burst itself if the baseline is already near its capacity.

Run it with:  locust -f browse.py,shapes/spike.py --headless -u 50 -t 60s
"""

from common import levels
from common.shape import LabShape


class Spike(LabShape):
    """A baseline with one burst in the middle."""

    level = staticmethod(levels.spike)
