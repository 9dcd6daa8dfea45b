"""Idempotency-Key: a client that lost the answer sends its new ticket again, and it is filed once.

The same key with the same body replays the first answer, whatever became of the ticket since. A key is its
sender's own (an account, or an anonymous caller's address), and is forgotten after a day.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import orjson
from django.db import IntegrityError, transaction
from django.utils import timezone
from rest_framework import status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from ticketing.api.answers import Answer
from ticketing.models import IdempotencyKey

LIFETIME = timedelta(hours=24)
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


class KeyReused(APIException):
    """The key came before, with another body."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_code = "idempotency_key_reused"
    default_detail = (
        "This Idempotency-Key was sent with another body before; make up a new one for each ticket."
    )


@dataclass(frozen=True, slots=True)
class Key:
    """A key, whose it is, and the hash of what came with it."""

    scope: str
    text: str
    fingerprint: str


def once(request: Request, work: Callable[[], Answer]) -> tuple[Answer, bool]:
    """What `work` answers, or what it answered when the request came for the first time (True).

    Raises ValidationError for a malformed key, and KeyReused.
    """
    key = _key(request)
    if key is None:
        return work(), False
    first = _recall(key)
    if first is not None:
        return first, True
    try:
        return _work(key, work), False
    except IntegrityError:
        first = _recall(key)
        if first is None:  # not lost to a twin: something else is wrong
            raise
        return first, True


def purge() -> int:
    """Forget the keys whose day is over; returns how many."""
    forgotten, _each = IdempotencyKey.objects.filter(created_at__lt=timezone.now() - LIFETIME).delete()
    return forgotten


@transaction.atomic
def _work(key: Key, work: Callable[[], Answer]) -> Answer:
    """Do it and keep the key, or neither: the one of two twins that comes second fails here."""
    answer = work()
    purge()
    IdempotencyKey.objects.create(
        scope=key.scope, key=key.text, fingerprint=key.fingerprint, answer=_written(answer)
    )
    return answer


def _key(request: Request) -> Key | None:
    text = request.headers.get("Idempotency-Key")
    if text is None:
        return None
    if not _KEY.fullmatch(text):
        message = "must be 1 to 255 visible ASCII characters"
        raise ValidationError({"Idempotency-Key": [f"The header {message}."]})
    body = orjson.dumps(request.data, default=str, option=orjson.OPT_SORT_KEYS)
    return Key(_scope(request), text, hashlib.sha256(body).hexdigest())


def _scope(request: Request) -> str:
    if request.user.is_authenticated:
        return f"user {request.user.pk}"
    return f"address {BaseThrottle().get_ident(request)}"


def _recall(key: Key) -> Answer | None:
    kept = IdempotencyKey.objects.filter(
        scope=key.scope, key=key.text, created_at__gte=timezone.now() - LIFETIME
    ).first()
    if kept is None:
        return None
    if kept.fingerprint != key.fingerprint:
        raise KeyReused
    return Answer(**orjson.loads(kept.answer))


def _written(answer: Answer) -> str:
    return orjson.dumps(answer, option=orjson.OPT_UTC_Z).decode()
