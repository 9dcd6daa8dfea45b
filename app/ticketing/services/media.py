"""The files of pictures: named by chance, and gone with the last that is said of them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from ticketing.services.pictures import SUFFIXES, Picture

# A file of any other name came with a fixture, where several tickets may share it: it is never removed.
_OURS = re.compile(rf"images/[0-9a-f]{{32}}\.({'|'.join(SUFFIXES.values())})")


def is_ours(name: str) -> bool:
    """Whether a file below MEDIA_ROOT is one that we have named: one ticket's, and nobody else's."""
    return _OURS.fullmatch(name) is not None


@contextmanager
def stored(picture: Picture) -> Iterator[str]:
    """A new file with the picture, by its name below MEDIA_ROOT; removed again if the block fails.

    And if the writing fails: a full disk leaves the first half of the file.
    """
    name = f"images/{secrets.token_hex(16)}.{picture.suffix}"
    try:
        yield default_storage.save(name, ContentFile(picture.content))
    except BaseException:
        default_storage.delete(name)
        raise


def discard_after_commit(name: str | None) -> None:
    """Remove a picture's file once the transaction that gives it up is through; until then it is needed.

    Failing at that (a full or read-only disk) is logged, not raised: the ticket has changed by then.
    """
    if name and is_ours(name):
        transaction.on_commit(lambda: default_storage.delete(name), robust=True)
