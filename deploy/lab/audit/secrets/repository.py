"""Looking for secrets in git: in what is tracked now, and in all that ever was committed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO

from lab.audit.model import UnmeasuredError
from lab.audit.secrets.scan import Hit, Needles, output_of
from lab.process import last_words, run

NEVER = (".env", ".lab")  # what git must not have at all


def tracked(root: Path, needles: Needles) -> list[Hit]:
    """What is found in the files that git tracks, as they are now; and those that it must not track."""
    listed = run(_git(root, "ls-files", "-z"))
    if listed.returncode != 0:
        raise UnmeasuredError(
            f"git does not answer here ({last_words(listed)}); run the audit in a checkout that git knows"
        )
    hits = []
    for name in filter(None, listed.stdout.split("\0")):
        if name.split("/")[0] in NEVER:
            hits.append(Hit(name, "is tracked"))
        path = root / name
        if path.is_file():
            hits += [Hit(name, secret) for secret in sorted(needles.within(path.read_bytes()))]
    return hits


def history(root: Path, needles: Needles) -> list[Hit]:
    """What is found in any object that git keeps, of branches that are gone too; `where` is the object."""
    if run(_git(root, "rev-parse", "HEAD")).returncode != 0:
        raise UnmeasuredError("there is no git history here; run the audit in a clone of the repository")
    argv = _git(root, "cat-file", "--batch-all-objects", "--batch", "--unordered")
    with output_of(argv) as stream:
        return [
            Hit(name, secret) for name, data in _objects(stream) for secret in sorted(needles.within(data))
        ]


def _objects(stream: IO[bytes]) -> Iterator[tuple[str, bytes]]:
    """Name and content of each object in the output of `git cat-file --batch`."""
    while header := stream.readline():
        name, _, size = header.split()
        yield name.decode()[:12], stream.read(int(size))
        stream.readline()


def _git(root: Path, *words: str) -> list[str]:
    return ["git", "-C", str(root), *words]
