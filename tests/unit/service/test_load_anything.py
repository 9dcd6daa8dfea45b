"""Whatever a file says: all of it is loaded, or nothing changes and one sentence names what is wrong."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.core.validators import validate_email
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ticketing.models import Department, Ticket
from ticketing.services import fields, json_input
from ticketing.services.bulk import tickets
from ticketing.services.json_input import InputError, Records

pytestmark = pytest.mark.django_db

quick = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
NAMED = re.compile(r"Record \d+(, field [^\n]+)?: [^\n]+\. Nothing was changed\.")

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)
texts = words.filter(str.strip)
moments = st.datetimes().map(lambda moment: moment.isoformat())
good_fields = st.fixed_dictionaries(
    {
        "name": texts,
        "email": st.sampled_from(["a@example.com", "a.b@xn--bcher-kva.example"]),
        "phone": texts,
        "issue": texts,
        "created_at": moments,
        "department": st.integers(1, 12),
    },
    optional={
        "priority": st.integers(1, 3),
        "user": st.none(),
        "assignee": st.none(),
        "status": st.sampled_from(Ticket.Status.values),
        "device": words,
        "interface": words,
        "image": st.sampled_from([None, "", "images/a.png"]),
        "source": st.sampled_from(["", "nagios", "zabbix"]),
        "updated_at": moments,
    },
)
ids = st.integers(1, fields.LARGEST_ID)
good_files = st.dictionaries(ids, good_fields, max_size=12)
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(10**18, 10**40)
    | st.floats(allow_nan=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def flat(pk: object, values: dict[str, Any]) -> dict[str, Any]:
    return {"id": pk, **values}


def fixture(pk: object, values: dict[str, Any]) -> dict[str, Any]:
    return {"model": "ticketing.ticket", "pk": pk, "fields": values}


@st.composite
def spoiled(draw: st.DrawFn) -> dict[str, Any]:
    """A ticket that is right but for one field, or is none at all."""
    values = draw(good_fields)
    name = draw(st.sampled_from(["id", *fields_of_tickets(), "colour"]))
    record = flat(draw(ids), values) | {name: draw(anything)}
    return draw(st.sampled_from([record, {key: value for key, value in record.items() if key != name}]))


def fields_of_tickets() -> list[str]:
    return [field.name for field in Ticket._meta.concrete_fields if field.name != "id"]


records = st.lists(
    st.builds(flat, st.integers(1, 20), good_fields)
    | st.builds(fixture, st.integers(1, 20), good_fields)
    | spoiled()
    | anything,
    max_size=12,
)


@pytest.fixture
def load(tmp_path: Path) -> Any:  # noqa: ANN401 - a closure
    def run(content: object, chunk: int = 3) -> str:
        path, out = tmp_path / "tickets.json", StringIO()
        path.write_text(json.dumps(content))
        with patch.object(tickets, "CHUNK", chunk), patch.object(json_input, "BLOCK", 64):
            call_command("load_tickets", str(path), stdout=out)
        return out.getvalue()

    return run


@pytest.fixture(autouse=True)
def _in_place() -> None:
    department = Department.objects.create(pk=40, name="Network Operations of old")
    Ticket.objects.create(pk=1, name="Ada", department=department, source="nagios", external_id="1")


def rows() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in (Department, Ticket)]


def refused(load: Any, content: object) -> str | None:  # noqa: ANN401
    try:
        load(content)
    except CommandError as error:
        return str(error)
    return None


class Undone(Exception):  # noqa: N818
    """Takes an example's changes back."""


def undone(test: Any, *arguments: Any) -> None:  # noqa: ANN401
    """Run one example of a test in a transaction of its own, as hypothesis runs them all in one test."""
    with suppress(Undone), transaction.atomic():
        test(*arguments)
        raise Undone


@quick
@given(records)
def test_all_or_nothing(load: Any, content: list[Any]) -> None:  # noqa: ANN401
    def check() -> None:
        before = rows()
        if (refusal := refused(load, content)) is None:
            loaded = {record.get("id", record.get("pk")) for record in content}
            assert Ticket.objects.filter(pk__in=loaded).count() == len(content)
        else:
            assert NAMED.fullmatch(refusal)
            assert rows() == before

    undone(check)


@quick
@given(good_files)
def test_both_formats_give_the_same_rows_and_loading_again_changes_nothing(
    load: Any,  # noqa: ANN401
    file: dict[int, dict[str, Any]],
) -> None:
    given_moments = {pk: {"updated_at": "2025-01-01T00:00:00Z"} | values for pk, values in file.items()}

    def check(form: Any, again: Any, found: list[Any]) -> None:  # noqa: ANN401
        load([form(pk, values) for pk, values in given_moments.items()])
        found.append(rows())
        for chunk in (1, 100):
            report = load([again(pk, values) for pk, values in file.items()], chunk)
            assert "Tickets: 0 created, 0 changed" in report
        assert rows() == found[-1]

    found: list[Any] = []
    undone(check, flat, fixture, found)
    undone(check, fixture, flat, found)
    assert found[0] == found[1]
    # As many as the file says, and the one that was there before.
    assert len(found[0][1]) == len(file.keys() | {1})


@quick
@given(st.from_regex(fields.PLAIN_ADDRESS, fullmatch=True).filter(lambda address: len(address) <= 254))
def test_an_address_that_is_taken_for_plain_is_one_to_django(address: str) -> None:
    validate_email(address)


@settings(max_examples=200, deadline=None)
@given(st.emails() | st.text(max_size=30).map(lambda text: f"{text}@example.com") | texts)
def test_our_verdict_on_an_address_is_djangos(address: str) -> None:
    try:
        validate_email(address)
        storable = "\0" not in address
    except ValidationError:
        storable = False
    try:
        fields.email(address)
        ours = True
    except fields.FieldError:
        ours = False
    assert ours == (storable and len(address) <= 254)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """A JSON text, perhaps with a part cut out."""
    indent = draw(st.sampled_from([None, 0, 1]))
    text = json.dumps(
        draw(st.lists(anything, max_size=6) | anything), indent=indent, ensure_ascii=draw(st.booleans())
    )
    begin = draw(st.integers(0, len(text)))
    end = draw(st.just(begin) | st.integers(begin, len(text)))
    return text[:begin] + text[end:] + draw(st.sampled_from(["", "\n", "]", " 1"]))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(documents(), st.integers(1, 40))
@example("[1.5e+3, 12.25]", 1)
@example('["a string without an end, far behind its beginning', 3)
@example('["\\ud83d\\ude00", true, -Infinity]', 7)
def test_the_stream_says_what_json_says_of_the_whole(tmp_path: Path, text: str, block: int) -> None:
    path = tmp_path / "some.json"
    path.write_bytes(text.encode(errors="surrogatepass"))
    with patch.object(json_input, "BLOCK", block):
        ours = said(Records(str(path)))
    assert ours == whole(path)


def said(found: Records) -> object:
    try:
        return list(found)
    except InputError as error:
        return str(error).split(": ", 1)[1]


def whole(path: Path) -> object:
    def refuse(_: str) -> None:
        raise ValueError

    try:
        value = json.loads(path.read_bytes().decode(), parse_constant=refuse)
    except UnicodeDecodeError as error:
        return f"byte {error.start + 1} is not UTF-8 text; save the file as UTF-8."
    except json.JSONDecodeError as error:
        return f"not JSON at line {error.lineno}, column {error.colno} ({error.msg}); correct it there."
    except ValueError:
        return "has a number that JSON does not allow or that is too long."
    return value if isinstance(value, list) else "the JSON must be a list of records, [ … ]."
