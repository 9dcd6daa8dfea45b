"""Conversations with a server: honest requests with a poisoned one among them, drawn from a seed.

The same seed and number give the same bytes. Each honest request has an id of its own. So has the request
that lies hidden in a poisoned one's body, where only a server that lost the boundary would find it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tests.edge.fuzzing.words import WORDS

HOST = b"Host: localhost"


@dataclass(frozen=True)
class Part:
    """The bytes of one request, or of something like it."""

    name: str
    data: bytes
    identity: str = ""  # of an honest request
    hidden: str = ""  # of the request in its body
    certain: bool = True  # its end is beyond doubt, or it is refused: what follows it is no part of it


@dataclass(frozen=True)
class Conversation:
    """What is sent over one connection, and how it is cut into pieces."""

    name: str
    parts: tuple[Part, ...]
    cuts: tuple[int, ...]

    @property
    def data(self) -> bytes:
        """All that is sent."""
        return b"".join(part.data for part in self.parts)


def converse(seed: int, number: int, token: str) -> Conversation:
    """The `number`th conversation of a seed; `token` lets some requests in further."""
    name = f"{seed:x}-{number:x}"
    draw = Random(name)  # noqa: S311 - a fuzzer's dice
    before = [honest(f"before-{name}-{index}", draw) for index in range(draw.choice((0, 0, 1, 2)))]
    poisons = [_poison(draw, name, token.encode()) for _ in range(draw.choice((1, 1, 1, 2)))]
    parts = (*before, *poisons, honest(f"after-{name}", draw, b"Connection: close"))
    length = sum(len(part.data) for part in parts)
    cuts = sorted(draw.randrange(length) for _ in range(draw.choice((0, 0, 1, 3))))
    return Conversation(name, parts, tuple(cuts))


def honest(identity: str, draw: Random, *more: bytes) -> Part:
    """A request that has to be answered with 200."""
    target = draw.choice((b"/healthz", b"/api/whoami/"))
    return Part("honest", _request(b"GET", target, [HOST, _id(identity), *more]), identity)


def _id(identity: str) -> bytes:
    return b"X-Request-ID: " + identity.encode()


def _request(
    method: bytes, target: bytes, lines: list[bytes], body: bytes = b"", *, version: bytes = b"HTTP/1.1"
) -> bytes:
    return b"\r\n".join([b" ".join([method, target, version]), *lines, b"", body])


def _poison(draw: Random, name: str, token: bytes) -> Part:
    kind = draw.choice(KINDS)
    name += f"-{draw.getrandbits(32):08x}"  # no mutation makes another's id of it
    lines = [HOST, _id(f"poison-{name}")]
    if draw.random() < 0.4:
        lines.append(b"Authorization: Bearer " + token)
    hidden = f"hidden-{name}"
    part = kind(draw, lines, _request(b"GET", b"/healthz", [HOST, _id(hidden)]), hidden)
    return _mutated(draw, part) if draw.random() < 0.15 else part


def _mutated(draw: Random, part: Part) -> Part:
    data = bytearray(part.data)
    for _ in range(draw.choice((1, 1, 2, 8))):
        at = draw.randrange(len(data) + 1)
        new = draw.choice((b"", b"\r", b"\n", b"\0", b" ", b":", bytes([draw.randrange(256)])))
        data[at : at + draw.choice((0, 1, 1, 2))] = new
    return Part(f"{part.name}, mutated", bytes(data), certain=False)


def _line(draw: Random, lines: list[bytes], _inner: bytes, _hidden: str) -> Part:
    """An odd request line; HTTP/0.9 has no header, so that what follows is not part of it."""
    method = draw.choice(WORDS["methods"]) if draw.random() < 0.3 else b"GET"
    version = draw.choice(WORDS["versions"]) if draw.random() < 0.2 else b"HTTP/1.1"
    target = draw.choice(WORDS["targets"])
    if draw.random() < 0.2:
        lines.append(b"Connection: keep-alive")
    return Part("request line", _request(method, target, lines, version=version))


def _field(draw: Random, lines: list[bytes], _inner: bytes, hidden: str) -> Part:
    """Odd header lines, a Host that is odd, or both."""
    if draw.random() < 0.3:
        lines[0] = draw.choice(WORDS["hosts"])
    for line in draw.sample(WORDS["fields"], draw.choice((1, 1, 2, 4))):
        lines.insert(draw.randrange(len(lines) + 1), line.replace(b"%i", hidden.encode()))
    target = draw.choice(WORDS["targets"][:14])
    return Part("fields", _request(draw.choice(WORDS["methods"][:7]), target, lines))


def _length(draw: Random, lines: list[bytes], inner: bytes, hidden: str) -> Part:
    """A body whose length is said in an odd way, with a request in it."""
    line = draw.choice(WORDS["lengths"])
    certain = line.lower().replace(b" ", b"") in (b"content-length:%d", b"content-length:\t%d")
    text = line.replace(b"%d", b"%d" % len(inner))
    return Part(
        "length", _with_body(draw, [*lines, text], inner), hidden=hidden if certain else "", certain=certain
    )


def _chunked(draw: Random, lines: list[bytes], inner: bytes, hidden: str) -> Part:
    """A chunked body with a request in it; odd sizes, ends, extensions and trailers."""
    odd = draw.random() < 0.8
    size = draw.choice(WORDS["sizes"]) if odd else b"%d\r\n"
    end = draw.choice(WORDS["chunk_ends"]) if odd else b"\r\n"
    last = draw.choice(WORDS["last_chunks"]) if odd else b"0\r\n\r\n"
    body = size.replace(b"%d", b"%x" % len(inner)) + inner + end + last
    text = _with_body(draw, [*lines, WORDS["codings"][0]], body)
    return Part("chunks", text, hidden="" if odd else hidden, certain=not odd)


def _both(draw: Random, lines: list[bytes], inner: bytes, _hidden: str) -> Part:
    """CL.TE, TE.CL, TE.TE: lines about the body's end that do not agree, or can be read in two ways."""
    coding = draw.choice(WORDS["codings"])
    first = b"0\r\n\r\n" if draw.random() < 0.5 else b"1\r\nx\r\n0\r\n\r\n"
    kinds = {
        "CL.TE": (first + inner, len(first + inner)),
        "TE.CL": (b"%x\r\n" % len(inner) + inner + b"\r\n0\r\n\r\n", len(b"%x\r\n" % len(inner))),
        "TE.0": (b"%x\r\n" % len(inner) + inner + b"\r\n0\r\n\r\n", None),
    }
    name = draw.choice(list(kinds))
    body, length = kinds[name]
    both = [coding] if length is None else [b"Content-Length: %d" % length, coding]
    draw.shuffle(both)
    return Part(name, _with_body(draw, [*lines, *both], body), certain=False)


def _with_body(draw: Random, lines: list[bytes], body: bytes) -> bytes:
    method = draw.choice((b"POST", b"POST", b"GET", b"HEAD", b"PUT", b"DELETE", b"OPTIONS"))
    version = draw.choice((b"HTTP/1.1", b"HTTP/1.1", b"HTTP/1.1", b"HTTP/1.0"))
    if version == b"HTTP/1.0":
        lines = [*lines, b"Connection: keep-alive"]
    if draw.random() < 0.1:
        lines = [*lines, b"Expect: 100-continue"]
    target = draw.choice(
        (b"/healthz", b"/api/tickets/", b"/api/stats/", b"/static/none.css", b"/nowhere/", b"/api/token/")
    )
    return _request(method, target, lines, body, version=version)


def _content(draw: Random, lines: list[bytes], _inner: bytes, hidden: str) -> Part:
    """A well-framed body in an odd encoding."""
    kind, body = draw.choice(WORDS["contents"]).split(b"|", 1)
    lines += [b"Content-Type: " + kind, b"Content-Length: %d" % len(body)]
    if draw.random() < 0.2:
        lines.append(draw.choice(WORDS["fields"]).replace(b"%i", hidden.encode()))
    target = draw.choice(
        (b"/api/tickets/", b"/api/tickets/1/", b"/api/token/", b"/api/tickets/1/comments/", b"/admin/login/")
    )
    return Part("content", _request(draw.choice((b"POST", b"PUT", b"PATCH")), target, lines, body))


def _noise(draw: Random, _lines: list[bytes], _inner: bytes, _hidden: str) -> Part:
    """No request at all, or one with odd line ends, or without an end."""
    name = draw.choice(("noise", "line ends", "cut off"))
    if name == "noise":
        return Part(name, draw.choice(WORDS["noise"]), certain=False)
    text = _request(b"GET", b"/healthz", _lines)
    if name == "cut off":
        return Part(name, text[: draw.randrange(len(text))], certain=False)
    return Part(
        name,
        text.replace(b"\r\n", draw.choice((b"\n", b"\r", b"\r\r\n", b"\n\r", b"\r\n\r\n"))),
        certain=False,
    )


KINDS: tuple[Callable[[Random, list[bytes], bytes, str], Part], ...] = (
    *(_line, _field, _length, _chunked, _both, _content, _noise),
    *(_line, _field, _both),
)
