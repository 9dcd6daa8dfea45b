from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterator
from contextvars import Context
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drf_jwt_backend.context import request_id
from drf_jwt_backend.logs import JsonFormatter, moment
from lab import paths
from tests.unit.service.test_diagnostics import FIELDS

HEAD = ["time", "level", "logger", "request_id"]


@pytest.fixture
def _request_id() -> Iterator[None]:
    token = request_id.set("follow-me-1")
    yield
    request_id.reset(token)


def formatted(message: str, *values: object, **options: object) -> str:
    record = logging.LogRecord("some.logger", logging.WARNING, "file.py", 1, message, values, None)
    vars(record).update(options)
    return JsonFormatter().format(record)


@pytest.mark.usefixtures("_request_id")
def test_any_logger_s_line_is_an_object_with_the_request_s_id() -> None:
    line = json.loads(formatted("%d of %s", 3, "four"))
    assert list(line) == [*HEAD, "message"]
    assert (line["level"], line["logger"], line["message"]) == ("WARNING", "some.logger", "3 of four")
    assert line["request_id"] == "follow-me-1"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])


def test_outside_a_request_the_id_is_a_dash() -> None:
    assert json.loads(Context().run(formatted, "starting"))["request_id"] == "-"


@given(st.text(st.characters(codec=None, exclude_categories=[]), max_size=40))
def test_no_text_ends_the_line(text: str) -> None:
    for line in (formatted("%s", text), formatted("", fields={"path": text})):
        assert line.isascii()
        assert len(line.splitlines()) == 1
        assert text in json.loads(line).values()


def test_a_traceback_stays_in_its_line() -> None:
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        line = formatted("failed", exc_info=sys.exc_info())
    assert "\n" not in line
    assert json.loads(line)["exception"].endswith("ValueError: first\nsecond")


def test_what_json_has_no_word_for_is_written_as_text() -> None:
    assert json.loads(formatted("", fields={"file": Path("/data")}))["file"] == "/data"


def test_a_moment() -> None:
    assert moment(1_700_000_000.9876) == "2023-11-14T22:13:20.987Z"


def test_the_page_on_fields_names_each() -> None:
    page = (paths.ROOT / "docs/log-fields.md").read_text()
    app = page.split("## The app")[1]
    listed = re.findall(r"^\| `(\w+)` \|", app, re.MULTILINE)
    assert listed[: len(HEAD)] == HEAD
    assert [name for name in listed[len(HEAD) :] if name in FIELDS] == FIELDS
    edge = page.split("## The app")[0]
    config = (paths.ROOT / "nginx/nginx.conf").read_text()
    written = re.findall(r'"(\w+)": ', config.split("escape=json")[1].split(";")[0])
    assert re.findall(r"^\| `(\w+)` \|", edge, re.MULTILINE) == written
