"""Pictures: taken by the app, sent by Nginx, to whom the app allows it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tests.edge.callers import file_ticket, logged_in, token
from tests.edge.client import Edge
from tests.edge.conftest import Site


def picture(width: int = 30) -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, 20), "red").save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="module")
def owner(site: Site) -> dict[str, str]:
    return logged_in(site, "student1")


@pytest.fixture(scope="module")
def address(site: Site, owner: dict[str, str]) -> Iterator[str]:
    """Where the picture of a ticket of student1 is; other tests find the tickets as they were."""
    ticket = file_ticket(site, token(site, "student1"), "A burnt port")
    path = f"/api/tickets/{ticket}/image/"
    put = site.ask(path, "PUT", {**owner, "Content-Type": "image/png"}, picture())
    assert (put.status, put.json) == (200, {"image": path})
    yield path
    gone = site.ask(path.removesuffix("image/"), "DELETE", logged_in(site, "instructor"))
    assert gone.status == 204


def file_of(site: Site) -> Path:
    (file,) = (site.directory / "media/images").iterdir()
    return file


def test_nginx_sends_it_and_a_browser_runs_nothing_in_it(
    site: Site, owner: dict[str, str], address: str
) -> None:
    answer = site.ask(address, headers=owner)
    assert answer.status == 200
    assert answer.body == file_of(site).read_bytes()
    assert answer.all("Accept-Ranges") == ["bytes"], "sent from the disk by Nginx"
    assert answer.all("Content-Type") == ["image/png"]
    assert answer.all("X-Content-Type-Options") == ["nosniff"]
    assert answer.all("Content-Security-Policy") == ["default-src 'none'; sandbox"]
    assert answer.all("Content-Disposition")[0].startswith("inline; filename=")
    assert answer.all("Cache-Control") == ["private, no-cache"]
    assert len(answer.all("X-Request-ID")) == len(answer.all("X-Served-By")) == 1
    assert answer.all("X-Accel-Redirect") == []


def test_a_browser_s_copy_is_good_while_the_app_says_so(
    site: Site, owner: dict[str, str], address: str
) -> None:
    (tag,) = site.ask(address, headers=owner).all("ETag")
    assert site.ask(address, headers={**owner, "If-None-Match": tag}).status == 304
    assert site.ask(address, headers={"If-None-Match": tag}).status == 401


def test_nobody_else_gets_it(site: Site, address: str) -> None:
    assert site.ask(address).status == 401
    assert site.ask(address, headers=logged_in(site, "student2")).status == 404


@pytest.mark.parametrize("headers", [{}, {"X-Accel-Redirect": "/media/"}])
def test_its_file_has_no_address(site: Site, address: str, headers: dict[str, str]) -> None:
    name = file_of(site).name
    for path in (f"/media/images/{name}", f"/media/../media/images/{name}", "/media/", "/media/images/"):
        answer = site.ask(path, headers=headers)
        assert (answer.status, answer.json["error"]["code"]) == (404, "not_found"), path


def test_a_replica_asked_directly_sends_it_itself(site: Site, owner: dict[str, str], address: str) -> None:
    replica = Edge(next(iter(site.replicas)), site.log, {})
    assert replica.ask(address, headers=owner).body == file_of(site).read_bytes()


def test_a_body_over_the_edge_s_limit_never_reaches_the_app(
    site: Site, owner: dict[str, str], address: str
) -> None:
    answer = site.ask(address, "PUT", {**owner, "Content-Type": "image/png"}, bytes(6 * 1024**2 + 1))
    assert (answer.status, answer.json["error"]["code"]) == (413, "too_large")
    assert answer.all("X-Served-By") == []


def test_a_file_that_is_gone_is_not_found(site: Site, owner: dict[str, str], address: str) -> None:
    site.ask(address, "PUT", {**owner, "Content-Type": "image/png"}, picture(31))
    file_of(site).unlink()
    answer = site.ask(address, headers=owner)
    assert (answer.status, answer.json["error"]["code"]) == (404, "not_found")
    assert site.ask(address, "DELETE", owner).status == 204


def test_every_line_of_a_replica_s_log_is_an_object(site: Site) -> None:
    site.ask("/nothing%0a%7b%22forged%22:1%7d?token=secret", headers={"X-Request-ID": "follow-me-1"})
    lines = [
        json.loads(line)
        for log in site.directory.glob("logs/app-*.log")
        for line in log.read_text().splitlines()
    ]
    (line,) = (line for line in lines if line["request_id"] == "follow-me-1")
    assert line["path"] == '/nothing\n{"forged":1}'
    assert line["client"] == "127.0.0.1"
    assert "secret" not in json.dumps(lines)
    assert site.log_line("follow-me-1")["uri"] == "/nothing%0a%7b%22forged%22:1%7d?(withheld)"
    assert any(line["logger"] == "gunicorn.error" for line in lines)
