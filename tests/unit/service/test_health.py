from __future__ import annotations

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from pytest_django import DjangoAssertNumQueries


def test_healthz_asks_nothing_of_the_database() -> None:
    # Without the django_db mark, pytest-django refuses every query.
    assert Client().get("/healthz").json() == {"status": "ok"}


@pytest.mark.django_db
def test_readyz_is_content_with_a_migrated_database(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_max_num_queries(2):
        response = Client().get("/readyz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_readyz_names_the_migration_that_is_missing() -> None:
    MigrationRecorder(connection).record_unapplied("ticketing", "0001_initial")
    response = Client().get("/readyz")
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (503, "not_ready")
    assert "ticketing.0001_initial" in error["message"]
    assert "manage.py migrate" in error["message"]
    assert list(error["fields"]) == ["migrations"]


@pytest.mark.django_db
def test_readyz_says_when_the_database_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: MigrationRecorder) -> None:
        raise OperationalError("no route to host db.internal")

    monkeypatch.setattr(MigrationRecorder, "applied_migrations", fail)
    response = Client().get("/readyz")
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert list(response.json()["error"]["fields"]) == ["database"]
    assert "db.internal" not in response.content.decode()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "10.10.10.1", "localhost:8000"])
def test_the_hosts_of_the_course_guide_are_served(host: str) -> None:
    assert Client().get("/healthz", headers={"host": host}).status_code == 200


def test_another_host_is_refused() -> None:
    assert Client().get("/readyz", headers={"host": "evil.example"}).status_code == 400
