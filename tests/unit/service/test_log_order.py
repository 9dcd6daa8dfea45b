"""Whoever reads the log by its ids passes over no event, however transactions overlap."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from django.db import connections, transaction

from tests.unit.service.racing import at_once, database_of_its_own
from ticketing.models import Department, TicketEvent
from ticketing.services import desk

FILERS, EACH = 6, 12


def file(department: int) -> None:
    fields = {"email": "user@example.com", "phone": "80007", "issue": "No link", "name": "Ada"}
    with transaction.atomic():
        desk.file(None, {**fields, "department_id": department})
        time.sleep(0.002)  # the longer a transaction lasts, the more of them overlap


def file_many(department: int) -> None:
    for _ in range(EACH):
        file(department)


@pytest.mark.django_db(transaction=True)
def test_who_reads_on_from_the_highest_id_misses_nothing(tmp_path: Path) -> None:
    read: list[int] = []
    done = threading.Event()

    def read_on() -> None:
        news = TicketEvent.objects.filter(pk__gt=read[-1] if read else 0).order_by("pk")
        read.extend(news.values_list("pk", flat=True))

    def follow() -> None:
        while not done.is_set():
            read_on()
        read_on()
        connections["default"].close()

    with database_of_its_own(tmp_path):
        department = Department.objects.create(name="Network Operations").pk
        follower = threading.Thread(target=follow)
        follower.start()
        try:
            at_once(lambda: file_many(department), FILERS)
        finally:
            done.set()
            follower.join()
        assert len(read) == FILERS * EACH
        assert read == list(TicketEvent.objects.order_by("pk").values_list("pk", flat=True))
