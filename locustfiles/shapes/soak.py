"""Soak: a quick rise, then the same load for a long time.

The load rises for a twentieth of the run and then stays at the peak.

What it shows: what only time brings out: memory that is not given back, connections that are not closed, a
disk that fills with logs, tables that grow. Response times at the end are compared with those at the
beginning of the plateau. Take half the load of the knee, and an hour.

Run it with:  locust -f browse.py,shapes/soak.py --headless -u 20 -t 1h
"""

from common import levels
from common.shape import LabShape


class Soak(LabShape):
    """A quick rise and a long plateau."""

    level = staticmethod(levels.soak)
