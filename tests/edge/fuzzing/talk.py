"""One conversation over one connection, and what came back."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile

from tests.edge.fuzzing.grammar import Conversation, Part

PATIENCE = 10.0  # seconds until a request that must be answered counts as unanswered
QUIET = 0.3  # seconds without a byte after which a server is taken to wait for more, where it may


@dataclass(frozen=True)
class Heard:
    """What a client got, and whether the server closed the connection."""

    conversation: Conversation
    port: int  # the client's own
    data: bytes
    closed: bool
    reset: bool  # then some of what the server sent may be lost


@dataclass(frozen=True)
class Answer:
    """One response; `identity` is its X-Request-ID."""

    status: int
    identity: str
    body: bytes


def talk(conversation: Conversation, port: int) -> Heard:
    """Send it all, and listen until the server closes, as the last request asks, or says nothing more."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        own = connection.getsockname()[1]
        try:
            for piece in _pieces(conversation):
                connection.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused before all was sent; what was answered is still to be read
        return _listen(conversation, connection, own)


def _pieces(conversation: Conversation) -> list[bytes]:
    data, cuts = conversation.data, conversation.cuts
    return [data[begin:end] for begin, end in zip((0, *cuts), (*cuts, len(data)), strict=True)]


def _listen(conversation: Conversation, connection: socket.socket, own: int) -> Heard:
    received = bytearray()
    owed = [part.identity.encode() for part in _certain(conversation)]
    end = time.monotonic() + PATIENCE
    closed = reset = False
    while time.monotonic() < end:
        owing = len(owed) == len(conversation.parts) or any(identity not in received for identity in owed)
        connection.settimeout(PATIENCE if owing else QUIET)
        try:
            piece = connection.recv(65536)
        except TimeoutError:
            break
        except ConnectionResetError:
            closed = reset = True
            break
        if not piece:
            closed = True
            break
        received += piece
    return Heard(conversation, own, bytes(received), closed, reset)


def _certain(conversation: Conversation) -> list[Part]:
    """The parts up to the first whose end is in doubt."""
    return list(takewhile(lambda part: part.certain, conversation.parts))


def answers(data: bytes, methods: Mapping[str, str]) -> Iterator[Answer]:
    """The responses in what was received; `methods` are the requests', by id. ValueError if malformed."""
    while data:
        head, separator, rest = data.partition(b"\r\n\r\n")
        line, *fields = head.decode("latin-1").split("\r\n")
        matched = re.fullmatch(r"HTTP/1\.1 (\d{3}) [^\r\n]*", line)
        if not matched or not separator:
            raise ValueError(f"no answer begins with {data[:80]!r}")
        status = int(matched[1])
        if status == 100:
            data = rest
            continue
        headers = {name.lower(): value for name, _, value in (field.partition(": ") for field in fields)}
        identity = headers.get("x-request-id", "")
        method = methods.get(identity)
        # Nginx has refused the request whose method it does not log; it was HEAD if no body follows.
        empty = method == "HEAD" or status in (204, 304) or (not method and not rest)
        body, data = (b"", rest) if empty else _body(headers, rest)
        yield Answer(status, identity, body)


def _body(headers: Mapping[str, str], rest: bytes) -> tuple[bytes, bytes]:
    """The body at the start of `rest`, and what follows it."""
    if headers.get("transfer-encoding") == "chunked":
        body = b""
        while size := int((line := rest.partition(b"\r\n"))[0], 16):
            body, rest = body + line[2][:size], line[2][size + 2 :]
        return body, rest.partition(b"\r\n\r\n")[2]
    if "content-length" not in headers:
        return rest, b""  # until the connection closes
    length = int(headers["content-length"])
    if len(rest) < length:
        raise ValueError(f"{length - len(rest)} bytes of a body are missing")
    return rest[:length], rest[length:]
