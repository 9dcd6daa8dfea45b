from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from tests.unit.service.callers import client_of
from tests.unit.service.drawing import drawn
from ticketing.api import rows
from ticketing.models import Ticket, TicketEvent
from ticketing.roles import GROUPS
from ticketing.services import desk, pictures

# Files are removed when a transaction is through, so there must be real ones.
pytestmark = pytest.mark.django_db(transaction=True)
OURS = re.compile(r"images/[0-9a-f]{32}\.(png|jpg|webp)")


@pytest.fixture(autouse=True)
def media_root(tmp_path: Path, settings: Settings) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture(autouse=True)
def _roles(transactional_db: None) -> None:
    """A test with real transactions ends by emptying the tables, the roles' groups too."""
    for name in GROUPS:
        Group.objects.get_or_create(name=name)


@pytest.fixture
def ticket(_roles: None, student: User, make_ticket: Callable[..., Ticket]) -> Ticket:
    return make_ticket(user=student)


def address(ticket: Ticket) -> str:
    return f"/api/tickets/{ticket.pk}/image/"


def put(client: APIClient, ticket: Ticket, content: bytes, kind: str = "image/png") -> Any:  # noqa: ANN401
    return client.put(address(ticket), content, content_type=kind)


def files(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.glob("images/*")}


def test_a_picture_is_put_and_read(ticket: Ticket, student: User, media_root: Path) -> None:
    client = client_of(student)
    assert client.get(address(ticket)).status_code == 404
    answer = put(client, ticket, drawn("JPEG"), "image/jpeg")
    assert (answer.status_code, answer.json()) == (200, {"image": address(ticket)})
    ticket.refresh_from_db()
    (name,) = files(media_root)
    assert OURS.fullmatch(name)
    assert ticket.image.name == name
    assert (media_root / name).stat().st_mode & 0o777 == 0o644

    read = client.get(address(ticket), headers={"accept": "image/jpeg"})
    assert Image.open(BytesIO(read.getvalue())).format == "JPEG"
    assert read["Content-Type"] == "image/jpeg"
    assert read["Content-Disposition"] == f'inline; filename="ticket-{ticket.pk}.jpg"'
    assert read["Cache-Control"] == "private, no-cache"


def test_a_form_does_as_well_and_its_file_name_is_not_used(
    ticket: Ticket, student: User, media_root: Path
) -> None:
    file = SimpleUploadedFile("../../evil.html", drawn("WEBP"), content_type="text/html")
    answer = client_of(student).put(address(ticket), {"image": file}, format="multipart")
    assert answer.status_code == 200
    (name,) = files(media_root)
    assert name.endswith(".webp")


def test_another_picture_takes_the_place_of_the_first(
    ticket: Ticket, student: User, media_root: Path
) -> None:
    client = client_of(student)
    put(client, ticket, drawn())
    (first,) = files(media_root)
    put(client, ticket, drawn())
    (second,) = files(media_root)
    assert first != second
    assert client.delete(address(ticket)).status_code == 204
    assert client.delete(address(ticket)).status_code == 204
    assert files(media_root) == set()
    events = TicketEvent.objects.filter(ticket=ticket)
    assert [event.changes for event in events] == [
        {"image": [None, first]},
        {"image": [first, second]},
        {"image": [second, None]},
    ]
    assert {event.actor_id for event in events} == {student.pk}


def test_a_file_that_came_with_a_fixture_stays(ticket: Ticket, student: User, media_root: Path) -> None:
    (media_root / "images").mkdir(parents=True)
    (media_root / "images/shared.png").write_bytes(drawn())
    Ticket.objects.update(image="images/shared.png")
    put(client_of(student), ticket, drawn())
    assert len(files(media_root)) == 2


def test_a_deleted_ticket_takes_its_picture_along(ticket: Ticket, student: User, media_root: Path) -> None:
    put(client_of(student), ticket, drawn())
    desk.delete(Ticket.objects.get(pk=ticket.pk), student)
    assert files(media_root) == set()


def test_nothing_is_left_or_lost_when_the_transaction_fails(
    ticket: Ticket, student: User, media_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(client_of(student), ticket, drawn())
    before = files(media_root)

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the log cannot be written")

    monkeypatch.setattr(TicketEvent.objects, "create", fail)
    with pytest.raises(RuntimeError):
        put(client_of(student), ticket, drawn())
    assert files(media_root) == before
    assert {Ticket.objects.get(pk=ticket.pk).image.name} == before


# --- Who ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_others_pictures_are_not_there(
    ticket: Ticket, student: User, other_student: User, method: str
) -> None:
    put(client_of(student), ticket, drawn())
    body = {"data": drawn(), "content_type": "image/png"} if method == "put" else {}
    for client, status in ((client_of(other_student), 404), (Client(), 401)):
        answer = getattr(client, method)(address(ticket), **body)
        assert (answer.status_code, answer.json()["error"]["status"]) == (status, status)
    assert Ticket.objects.get(pk=ticket.pk).image


def test_no_number_is_a_fault(instructor: User) -> None:
    for number in (0, 2**63, 10**30):
        assert client_of(instructor).get(f"/api/tickets/{number}/image/").status_code == 404


def test_an_instructor_may(ticket: Ticket, instructor: User) -> None:
    assert put(client_of(instructor), ticket, drawn()).status_code == 200


# --- What is refused ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (drawn(), "application/pdf", 415, "unsupported_media_type"),
        (drawn("GIF"), "image/png", 415, "unsupported_media_type"),
        (drawn(size=(99, 99))[:150], "image/png", 400, "invalid"),
        (b"", "image/png", 400, "invalid"),
        (b"no form at all", "multipart/form-data; boundary=x", 400, "invalid"),
        (bytes(pictures.MOST_BYTES + 1), "image/png", 413, "too_large"),
        (bytes(pictures.MOST_BYTES * 2), "image/png", 413, "too_large"),
    ],
    ids=["type", "content", "damaged", "empty", "no form", "a byte too many", "far too many"],
)
def test_what_is_refused(
    ticket: Ticket, student: User, media_root: Path, content: bytes, kind: str, status: int, code: str
) -> None:
    answer = put(client_of(student), ticket, content, kind)
    assert answer.status_code == status
    assert (answer.json()["error"]["status"], answer.json()["error"]["code"]) == (status, code)
    assert files(media_root) == set()
    assert not TicketEvent.objects.exists()


def test_a_form_without_a_file_and_one_with_too_many(ticket: Ticket, student: User) -> None:
    client = client_of(student)
    answer = client.put(address(ticket), {"image": "text"}, format="multipart")
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["image"])
    many = {f"file{number}": SimpleUploadedFile("x", b"x") for number in range(101)}
    answer = client.put(address(ticket), many, format="multipart")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "parse_error")


def test_a_busy_server_says_when_to_come_again(
    ticket: Ticket, student: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "MOST_WAITING", 0)
    with pictures._one_at_a_time():
        answer = put(client_of(student), ticket, drawn())
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")


# --- Who sends it ----------------------------------------------------------------------------------------


def test_the_edge_is_asked_to_send_the_file(ticket: Ticket, student: User, settings: Settings) -> None:
    client = client_of(student)
    put(client, ticket, drawn())
    offer = {"x-sendfile-type": "X-Accel-Redirect"}
    for proxies, headers in ((0, offer), (1, {})):
        settings.NUM_PROXIES = proxies
        assert client.get(address(ticket), headers=headers).getvalue().startswith(b"\x89PNG")
    settings.NUM_PROXIES = 1
    answer = client.get(address(ticket), headers=offer)
    assert answer["X-Accel-Redirect"] == f"/media/{Ticket.objects.get(pk=ticket.pk).image.name}"
    assert (answer["Content-Type"], answer.content) == ("image/png", b"")


def test_a_lost_file_is_not_found(ticket: Ticket, student: User, media_root: Path) -> None:
    put(client_of(student), ticket, drawn())
    for name in files(media_root):
        (media_root / name).unlink()
    assert client_of(student).get(address(ticket)).status_code == 404


@pytest.mark.parametrize("names", [("id", "image"), ("image",), ("image", "name"), ("name",)])
def test_rows_tell_the_address(ticket: Ticket, student: User, names: tuple[str, ...]) -> None:
    def read(names: tuple[str, ...]) -> list[rows.Row]:
        columns = (rows.COLUMNS[name] for name in rows.including(names))
        return rows.shaped(list(Ticket.objects.values_list(*columns)), names)

    assert read(("image",)) == [{"image": None}]
    put(client_of(student), ticket, drawn())
    (row,) = read(names)
    assert tuple(row) == names
    assert row.get("image", address(ticket)) == address(ticket)
    assert rows.of(Ticket.objects.get())["image"] == address(ticket)


def test_a_ticket_deleted_meanwhile_is_not_there(
    ticket: Ticket, student: User, media_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean = pictures.clean

    def overtaken(sent: bytes) -> pictures.Picture:
        Ticket.objects.filter(pk=ticket.pk).delete()
        return clean(sent)

    monkeypatch.setattr(pictures, "clean", overtaken)
    assert put(client_of(student), ticket, drawn("PNG")).status_code == 404
    assert files(media_root) == set()


def test_if_match_holds_for_pictures(ticket: Ticket, student: User, media_root: Path) -> None:
    client, place = client_of(student), f"/api/tickets/{ticket.pk}/"
    stale = {"if-match": client.get(place).headers["ETag"]}
    assert (
        client.put(address(ticket), drawn("PNG"), content_type="image/png", headers=stale).status_code == 200
    )
    kept = files(media_root)
    for ask in (client.put, client.delete):
        answer = ask(address(ticket), drawn("JPEG"), content_type="image/jpeg", headers=stale)
        assert answer.status_code == 412
    assert files(media_root) == kept
    current = {"if-match": client.get(place).headers["ETag"]}
    assert client.delete(address(ticket), headers=current).status_code == 204
    assert files(media_root) == set()
