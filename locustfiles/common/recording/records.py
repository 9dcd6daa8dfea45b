"""requests.csv: one line for each request that ended, in the order in which they ended."""

import re
from typing import NamedTuple

from common.recording.phases import Phases, ServerTiming

HEADER = (
    "sent,intended,scenario,method,name,status,error,service_ms,response_ms,connect_ms,tls_ms,first_byte_ms,"
    "edge_ms,app_ms,db_ms,bytes_in,served_by,cache,request_id,source,worker\n"
)
# A header as the parser keeps it: its name and value as they came, or a list of such if it came more often.
Kept = tuple[str, str] | list[tuple[str, str]] | None
NAMES = ("server-timing", "x-served-by", "x-cache", "x-request-id")
SPECIAL = re.compile(r'[",\r\n]')


class Answer(NamedTuple):
    """What an answer's status line, headers and body say, as far as it is recorded; none of it is certain."""

    status: int = 0
    length: int = 0  # bytes of the body
    timing: str = ""  # the header Server-Timing
    served_by: str = ""
    cache: str = ""
    request_id: str = ""

    @classmethod
    def read(cls, response: object, length: int) -> "Answer":
        """Read Locust's response, which has no headers if no answer came."""
        status = getattr(response, "status_code", 0)
        headers = getattr(response, "headers", None)
        if headers is None:
            return cls(status, length)
        return cls(status, length, *[value(dict.get(headers, name)) for name in NAMES])


class Request(NamedTuple):
    """A request that ended. `begun` is in epoch seconds; `error` is empty if it was a success."""

    begun: float
    scenario: str
    method: str
    name: str
    error: str
    service_ms: float


def line(request: Request, answer: Answer, told: ServerTiming, phases: Phases, worker: str) -> str:
    """Return the request's line. Times in milliseconds have three decimals; what is not known is empty."""
    begun, scenario, method, name, error, service = request
    status, length, _, served_by, cache, request_id = answer
    edge, app, db = told
    texts = (method, name, error, served_by, cache, request_id)
    if SPECIAL.search("".join(texts)):
        method, name, error, served_by, cache, request_id = map(quoted, texts)
    late = phases.late_ms
    return (
        f"{begun:.6f},{begun - late / 1000:.6f},{scenario},{method},{name},{status},{error},"
        f"{service:.3f},{service + late:.3f},{ms(phases.connect_ms)},{ms(phases.tls_ms)},"
        f"{ms(phases.first_byte_ms)},{short(edge)},{short(app)},{short(db)},{length},"
        f"{served_by},{cache},{request_id},{phases.source},{worker}\n"
    )


def value(kept: Kept) -> str:
    """Return a header's value from what the parser keeps; to ask it for the value takes much longer."""
    if kept is None:
        return ""
    return kept[1] if isinstance(kept, tuple) else ", ".join(value for _, value in kept)


def quoted(text: str) -> str:
    """Return a text as CSV may have any (RFC 4180), but on one line."""
    return '"' + text.replace('"', '""').replace("\r", " ").replace("\n", " ") + '"'


def ms(value: float | None) -> str:
    """Return a measured time."""
    return "" if value is None else f"{value:.3f}"


def short(value: float | None) -> str:
    """Return a time as it was told: whole, or with its decimals."""
    return "" if value is None else f"{value:g}"
