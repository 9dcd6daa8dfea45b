"""What conversations are made of: the words of odds.txt, and those that are odd by their length."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

_LONG = {
    "methods": [b"X" * 300],
    "targets": [
        b"/?" + b"&" * 2000,
        b"/api/tickets/?search=" + b"%F0%9F%92%A9" * 400,
        b"/static/" + b"a" * 300,
        b"/" + b"a" * 7000,
        b"/" + b"a" * 20000,
    ],
    "hosts": [b"Host: " + b"a" * 300],
    "fields": [
        b"Range: bytes=" + b"0-," * 300,
        b"Cookie: " + b"a=b; " * 600,
        b"Authorization: Bearer " + b"A" * 6000,
        b"Accept: " + b"a/b, " * 400,
        b"Accept-Language: " + b"x-" * 1000,
        b"Idempotency-Key: " + b"k" * 5000,
        b"X-Long: " + b"v" * 7000,
        b"X-Long: " + b"v" * 40000,
        b"X" * 9000 + b": v",
        b"\r\n".join([b"X-Many: v"] * 150),
    ],
    "sizes": [b"%d;" + b"e" * 5000 + b"\r\n"],
    "last_chunks": [b"0\r\n" + b"X: y\r\n" * 300 + b"\r\n"],
    "contents": [
        b'application/json|{"department": ' + b"9" * 5000 + b"}",
        b"application/json|" + b"[" * 5000,
        b"application/json|" + b'{"a":' * 3000 + b"1" + b"}" * 3000,
        b"application/x-www-form-urlencoded|" + b"&".join(b"a%d=b" % number for number in range(1200)),
        b"multipart/form-data; boundary=" + b"b" * 300 + b"|--b",
        b"multipart/form-data; boundary=x|--x\r\nX: " + b"y" * 3000 + b"\r\n\r\n--x--",
    ],
    "noise": [b"\x00" * 200, b"\xff" * 200, b" " * 200],
}


def _read() -> dict[str, list[bytes]]:
    words: dict[str, list[bytes]] = defaultdict(list)
    section = ""
    for line in (Path(__file__).parent / "odds.txt").read_text().splitlines():
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1]
        elif line and not line.startswith("#"):
            text = "" if line == "(nothing)" else line
            words[section].append(text.encode().decode("unicode_escape").encode("latin-1"))
    return {name: [*found, *_LONG.get(name, [])] for name, found in words.items()}


WORDS = _read()
