"""requests.csv: one line for each request that ended, in the order in which they ended."""

import re
from typing import Any, NamedTuple

from common.phases import UNTOLD, Phases, ServerTiming, server_timing

HEADER = (
    "sent,intended,scenario,method,name,status,error,service_ms,response_ms,connect_ms,tls_ms,first_byte_ms,"
    "edge_ms,app_ms,db_ms,bytes_in,served_by,cache,request_id,source,worker\n"
)
SPECIAL = re.compile(r'[",\r\n]')
FORM = "{:.6f},{:.6f},{},{},{},{},{},{:.3f},{:.3f},{},{},{},{},{},{},{},{},{},{},{},{}\n"


class Answer(NamedTuple):
    """What an answer's status line, headers and body say, as far as it is recorded; none of it is certain."""

    status: int = 0
    length: int = 0  # bytes of the body
    told: ServerTiming = UNTOLD
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
        timing = header(headers, "server-timing")
        return cls(
            status,
            length,
            server_timing(timing) if timing else UNTOLD,
            header(headers, "x-served-by"),
            header(headers, "x-cache"),
            header(headers, "x-request-id"),
        )


class Request(NamedTuple):
    """A request that ended. `begun` is in epoch seconds; `error` is empty if it was a success."""

    begun: float
    scenario: str
    method: str
    name: str
    error: str
    service_ms: float


def line(request: Request, answer: Answer, phases: Phases, worker: str) -> str:
    """Return the request's line. Times in milliseconds have three decimals; what is not known is empty."""
    begun, scenario, method, name, error, service_ms = request
    status, length, (edge, app, db), served_by, cache, request_id = answer
    return FORM.format(
        *(begun, begun - phases.late_ms / 1000, scenario, text(method), text(name), status, text(error)),
        *(service_ms, service_ms + phases.late_ms, ms(phases.connect_ms), ms(phases.tls_ms)),
        *(ms(phases.first_byte_ms), short(edge), short(app), short(db), length),
        *(text(served_by), text(cache), text(request_id), phases.source, worker),
    )


def header(headers: dict[str, Any], name: str) -> str:
    """Return a header's value, empty if absent; the name is in lower case.

    Read as the parser keeps it: the name as it came and the value, or a list of such pairs if it came more
    than once. The parser's own way to look it up costs as much as all the rest of the record.
    """
    kept = dict.get(headers, name)
    if kept is None:
        return ""
    return str(kept[1]) if isinstance(kept, tuple) else ", ".join(value for _, value in kept)


def text(value: str) -> str:
    """Return a text as CSV has it (RFC 4180), on one line."""
    if not SPECIAL.search(value):
        return value
    return '"' + value.replace('"', '""').replace("\r", " ").replace("\n", " ") + '"'


def ms(value: float | None) -> str:
    """Return a measured time."""
    return "" if value is None else f"{value:.3f}"


def short(value: float | None) -> str:
    """Return a time as it was told: whole, or with its decimals."""
    return "" if value is None else f"{value:g}"
