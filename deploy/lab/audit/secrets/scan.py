"""Looking for many texts at once in bytes that come as a stream: logs, images, a repository."""

from __future__ import annotations

import gzip
import io
import json
import re
import subprocess
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, cast

from lab.audit.model import UnmeasuredError

CHUNK = 1 << 20
LONGEST_MATCH = 2048  # bytes, of a pattern, where a stream is read in chunks
GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


@dataclass(frozen=True)
class Hit:
    """A secret (its name) that was found, and where."""

    where: str
    secret: str


class Needles:
    """Texts to look for, each with the name that may be shown of it."""

    def __init__(
        self, texts: Mapping[str, bytes], patterns: Mapping[str, re.Pattern[bytes]] | None = None
    ) -> None:
        self._texts, self._patterns = dict(texts), dict(patterns or {})
        lengths = [len(text) for text in self._texts.values()]
        self._overlap = max([*lengths, LONGEST_MATCH if patterns else 1]) - 1

    def within(self, data: bytes) -> set[str]:
        """The names of those that the data holds."""
        found = {name for name, text in self._texts.items() if text in data}
        return found | {name for name, pattern in self._patterns.items() if pattern.search(data)}

    def within_stream(self, stream: IO[bytes]) -> set[str]:
        """The names of those that a stream holds, read to its end."""
        found: set[str] = set()
        tail = b""
        while chunk := stream.read(CHUNK):
            found |= self.within(tail + chunk)
            tail = (tail + chunk)[-self._overlap :] if self._overlap else b""
        return found


@contextmanager
def output_of(argv: Sequence[str]) -> Iterator[IO[bytes]]:
    """What a program says, as it says it; raises UnmeasuredError if it fails."""
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        stream = cast("IO[bytes]", process.stdout)
        yield stream
        while stream.read(CHUNK):
            pass
    if process.returncode != 0:
        raise UnmeasuredError(
            f"{' '.join(argv[:3])} failed with exit code {process.returncode}; try it by hand"
        )


def in_images(saved: IO[bytes], needles: Needles) -> set[Hit]:
    """What is found in the stream of `docker save`: in every layer's files, and in the images' histories."""
    manifest: list[dict[str, object]] = []
    found: dict[str, set[tuple[str, str]]] = {}
    with tarfile.open(fileobj=saved, mode="r|") as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() else None
            if content and member.name == "manifest.json":
                manifest = json.load(content)
            elif content:
                found[member.name] = set(_in_member(cast("io.BufferedReader", content), needles))
    hits = set()
    for image in manifest:
        tags = cast("list[str] | None", image["RepoTags"])  # none where it is known by its digest alone
        name = ", ".join(tags or ["an image without a name"]).removesuffix(":latest")
        for part in (image["Config"], *cast("list[str]", image["Layers"])):
            hits |= {Hit(f"{name}: {path}", secret) for path, secret in found.get(str(part), ())}
    return hits


def _in_member(content: io.BufferedReader, needles: Needles) -> Iterator[tuple[str, str]]:
    """Path and name of what is found in a layer (a tar file in the tar file), or in a description."""
    if content.peek(4)[:4] == ZSTD:
        raise UnmeasuredError("the engine keeps its layers in a form that is not read here (zstd)")
    if content.peek(2)[:2] == GZIP:
        content = io.BufferedReader(cast("io.RawIOBase", gzip.GzipFile(fileobj=content)))
    if content.peek(512)[257:262] == b"ustar":
        with tarfile.open(fileobj=content, mode="r|") as layer:
            for file in layer:
                inside = layer.extractfile(file) if file.isfile() else None
                if inside:
                    yield from ((f"/{file.name}", name) for name in needles.within_stream(inside))
    else:
        yield from (("its description", name) for name in needles.within_stream(content))
