from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from ticketing.api.idempotency import LIFETIME
from ticketing.models import IdempotencyKey, RateWindow
from ticketing.throttles import FileTicketThrottle

pytestmark = pytest.mark.django_db


def purge() -> str:
    out = StringIO()
    call_command("purge_expired", stdout=out)
    return out.getvalue().strip()


def test_keys_are_kept_for_their_day() -> None:
    for key, age in (("new", timedelta()), ("old", LIFETIME + timedelta(seconds=1))):
        IdempotencyKey.objects.create(scope="user 1", key=key, created_at=timezone.now() - age)
    assert purge() == "Removed 1 Idempotency-Keys and 0 counts of rates."
    assert IdempotencyKey.objects.get().key == "new"


def test_counts_are_kept_while_their_window_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FileTicketThrottle, "timer", staticmethod(lambda: 600.5))
    monkeypatch.setattr(FileTicketThrottle, "rate", "10/min", raising=False)
    for caller, window in (("a", 9), ("b", 10), ("of a shorter window", 600)):
        RateWindow.objects.create(caller=caller, window=window, count=1)
    assert purge() == "Removed 0 Idempotency-Keys and 2 counts of rates."
    assert RateWindow.objects.get().caller == "b"
