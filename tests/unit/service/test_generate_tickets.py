from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from ticketing.models import Department, Ticket
from ticketing.services.generator import ISSUES, fixture

# Of 1,300 tickets from seed 10. It changes only when the generator is changed on purpose: every machine and
# every Python must write the same bytes.
SHA256 = "a1a202993df66132dd1f51f370715da7d7a8b224e2ba11efc23a82851420e91f"


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    path = tmp_path / "tickets.json"
    call_command("generate_tickets", "--output", str(path), stdout=StringIO())
    assert hashlib.sha256(path.read_bytes()).hexdigest() == SHA256
    assert [entry.name for entry in tmp_path.iterdir()] == ["tickets.json"]


def test_standard_output_gets_the_same_and_nothing_else() -> None:
    out = StringIO()
    call_command("generate_tickets", "--output", "-", stdout=out)
    assert hashlib.sha256(out.getvalue().encode()).hexdigest() == SHA256


def test_another_seed_gives_other_tickets() -> None:
    assert list(fixture(20, 10)) != list(fixture(20, 11))


def test_the_tickets_are_those_of_the_course_guide() -> None:
    records = json.loads("".join(fixture(1300, 10)))
    departments = [record for record in records if record["model"] == "ticketing.department"]
    tickets = [record for record in records if record["model"] == "ticketing.ticket"]
    assert [record["pk"] for record in departments] == list(range(1, 11))
    assert [record["pk"] for record in tickets] == list(range(1, 1301))
    first = datetime(2025, 1, 1, tzinfo=UTC)
    for record in tickets:
        fields = record["fields"]
        assert fields["name"] == f"User {record['pk']}"
        assert fields["email"] == f"user{record['pk']}@example.com"
        assert 8_000_000_000 <= int(fields["phone"]) <= 8_999_999_999
        assert first <= datetime.fromisoformat(fields["created_at"]) < first + timedelta(days=50)
        assert fields["user"] is None
    for field, values in (("issue", set(ISSUES)), ("priority", {1, 2, 3}), ("department", set(range(1, 11)))):
        assert {record["fields"][field] for record in tickets} == values


@pytest.mark.django_db
def test_loaddata_takes_the_file(tmp_path: Path) -> None:
    path = tmp_path / "tickets.json"
    call_command("generate_tickets", "--count", "200", "--output", str(path), stdout=StringIO())
    call_command("loaddata", str(path), verbosity=0)
    assert (Department.objects.count(), Ticket.objects.count()) == (10, 200)


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "tickets.json"
    path.write_text("old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(CommandError, match="No space left on device"):
        call_command("generate_tickets", "--output", str(path))
    assert [(entry.name, entry.read_text()) for entry in tmp_path.iterdir()] == [("tickets.json", "old")]


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"nowhere/tickets\.json: cannot be written"):
        call_command("generate_tickets", "--output", str(tmp_path / "nowhere" / "tickets.json"))


@pytest.mark.parametrize("count", ["0", "-5", "many", "1.5"])
def test_a_wrong_count_is_refused(count: str) -> None:
    with pytest.raises(CommandError, match="whole number from 1"):
        call_command("generate_tickets", f"--count={count}", "--output", "-")
