"""Reading answers: what the service must have said for a request to count as a success."""

import base64
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol


class AnswerError(ValueError):
    """An answer that fails its request; the text is what the statistics show."""


class Response(Protocol):
    """As much of Locust's response as is read here; `status_code` is 0 if no answer came."""

    @property
    def status_code(self) -> int: ...  # noqa: D102
    @property
    def text(self) -> str | None: ...  # noqa: D102
    @property
    def headers(self) -> Any: ...  # noqa: ANN401, D102 (a mapping that does not care about case)


def decoded(response: Response, expected: int | Collection[int]) -> object:
    """Return the JSON in the answer; raise AnswerError unless it is JSON with an expected status."""
    wanted = (expected,) if isinstance(expected, int) else expected
    if not response.status_code:
        raise AnswerError(_cause(getattr(response, "error", None)))
    if response.status_code not in wanted:
        ours = " or ".join(str(status) for status in wanted)
        raise AnswerError(f"{response.status_code} instead of {ours}{_service_says(response.text)}")
    try:
        return json.loads(response.text or "")
    except ValueError:
        raise AnswerError("the answer is not JSON") from None


def _cause(error: object) -> str:
    # A time-out comes wrapped in "retries exceeded" (of none) with the URL, which would make each ticket
    # a kind of error of its own.
    cause = getattr(error, "original", None) or error
    return f"no answer: {cause!r}" if cause else "no answer"


def _service_says(text: str | None) -> str:
    """Return the code from the service's error body; Nginx's own errors are HTML and have none."""
    try:
        return f" ({json.loads(text or '')['error']['code']})"
    except (KeyError, TypeError, ValueError):
        return ""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of tickets: which are on it, and whether it is the last."""

    ids: list[int]
    is_last: bool

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> "Page":
        """Read `{"next", "results": [{"id", …}, …]}`."""
        return cls([int(ticket["id"]) for ticket in body["results"]], is_last=body["next"] is None)


def department_ids(body: Mapping[str, Any]) -> list[int]:
    """Read the ids from a page of departments, of which there must be some."""
    ids = [int(department["id"]) for department in body["results"]]
    if not ids:
        raise AnswerError("there are no departments yet: load the tickets first")
    return ids


def ticket_id(body: Mapping[str, Any]) -> int:
    """Read the id of a single ticket."""
    return int(body["id"])


@dataclass(frozen=True, slots=True)
class Version:
    """One version of one ticket, as somebody has read it."""

    ticket: int
    etag: str
    assignee: int | None  # the id of whoever works on it

    @classmethod
    def read(cls, response: Response) -> "Version":
        """Read a ticket, and from the header which version of it this is."""
        body: Any = decoded(response, 200)
        return cls(ticket_id(body), response.headers["ETag"], body["assignee"])

    @classmethod
    def read_change(cls, response: Response) -> "Version | None":
        """Read the answer to a change: the new version, or None if somebody else was quicker.

        The service says 412 if the ticket is another version by now, and 409 if its new status does not
        allow the step.
        """
        decoded(response, (200, 409, 412))
        return cls.read(response) if response.status_code == 200 else None


def status_of(body: Mapping[str, Any]) -> int:
    """Read the status from the service's error body; 0 from an answer that is no error."""
    return int(body.get("error", {}).get("status", 0))


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What a signed-in user shows, and for how many seconds from its issue it is good."""

    text: str
    lifetime: float

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> "AccessToken":
        """Read `{"access": JWT}`.

        The lifetime is `exp` minus `iat` (RFC 7519, 4.1.4 and 4.1.6), both by the server's clock, so that
        it holds on a load generator whose own clock is wrong.
        """
        claims = _claims(body["access"])
        return cls(body["access"], float(claims["exp"] - claims["iat"]))

    @property
    def user(self) -> int:
        """The id of the user whom the token speaks for."""
        return int(_claims(self.text)["user_id"])


def _claims(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


@dataclass(frozen=True, slots=True)
class Login:
    """Both tokens that a login yields."""

    access: AccessToken
    refresh: str

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> "Login":
        """Read `{"access": JWT, "refresh": JWT}`."""
        return cls(AccessToken.read(body), str(body["refresh"]))
