"""How often something may be asked for."""

from __future__ import annotations

import time
from math import ceil

from django.db import connection
from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle
from rest_framework.views import APIView

from ticketing.models import RateWindow

# One statement, so that callers at the very same moment are counted one after the other, and over all
# workers and replicas together. Known to SQLite (from 3.35) and PostgreSQL.
_COUNT = f"""
    INSERT INTO {RateWindow._meta.db_table} AS row (caller, "window", count) VALUES (%s, %s, 1)
    ON CONFLICT (caller) DO UPDATE SET
        count = CASE WHEN row."window" = excluded."window" THEN row.count + 1 ELSE 1 END,
        "window" = excluded."window"
    RETURNING count
"""  # noqa: S608 - the table's name is ours


class FileTicketThrottle(AnonRateThrottle):
    """Holds each anonymous address to the rate of setting THROTTLE_FILE_TICKET: so many a window of time.

    A window begins at a whole multiple of its length (each full minute, for 10/min).
    """

    scope = "file_ticket"
    timer = staticmethod(time.time)

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Counts only the filing of tickets: the anonymous may do nothing else that costs."""
        caller = self.get_cache_key(request, view) if request.method == "POST" else None
        limit, seconds = self.parse_rate(self.rate)
        if caller is None or limit is None or seconds is None:
            return True
        window, passed = divmod(self.timer(), seconds)
        self._wait = ceil(seconds - passed)
        return _count(caller, int(window)) <= limit

    def purge(self) -> int:
        """Forget the counts of windows that are not open any more; returns how many."""
        _limit, seconds = self.parse_rate(self.rate)
        if seconds is None:
            return 0
        # Not only older ones: where the rate had a shorter window before, the numbers were higher.
        forgotten, _each = RateWindow.objects.exclude(window=int(self.timer() // seconds)).delete()
        return forgotten

    def wait(self) -> float:
        """Seconds until the next window opens."""
        return self._wait


def _count(caller: str, window: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [caller, window])
        (count,) = cursor.fetchone()
    return int(count)
