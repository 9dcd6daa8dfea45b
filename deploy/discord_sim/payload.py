"""What a webhook may be sent: reads a request's body and checks it against Discord's documented limits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from flask import Request

from discord_sim.replies import Json, empty_message, invalid_form, invalid_json

CONTENT_LIMIT = 2_000  # code points
EMBEDS_LIMIT = 10
EMBEDS_TEXT_LIMIT = 6_000  # code points over all embeds of a message
EMBED_LIMITS = {"title": 256, "description": 4_096}
FIELDS_LIMIT = 25
FIELD_LIMITS = {"name": 256, "value": 1_024}
PART_LIMITS = {"footer": ("text", 2_048), "author": ("name", 256)}


@dataclass(frozen=True)
class Payload:
    """A message that passed the checks."""

    content: str
    username: str | None
    embeds: list[Json]
    flags: int


def read(request: Request) -> Payload:
    """Return the message in a request's body. Raises Refusal with what Discord would answer."""
    body = _body(request)
    errors = dict(_problems(body))
    if errors:
        raise invalid_form(errors)
    content, embeds = (body.get("content") or "").strip(), body.get("embeds") or []
    if not (content or embeds or request.files):
        raise empty_message()
    return Payload(content, body.get("username"), embeds, _flags(body))


def _body(request: Request) -> Json:
    # Discord reads JSON and multipart forms; a body of any other type is as good as none.
    if request.mimetype == "application/json":
        raw: str | bytes = request.get_data()
    elif "payload_json" in request.form:
        raw = request.form["payload_json"]
    else:
        return request.form.to_dict() if request.mimetype == "multipart/form-data" else {}
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):  # bad UTF-8 is a ValueError too; so deep a nesting is no message
        raise invalid_json() from None
    if not isinstance(body, dict):
        raise invalid_form(_problem("DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType"))
    return body


def _flags(body: Json) -> int:
    flags = body.get("flags")
    return flags if isinstance(flags, int) else 0


def _problem(code: str, message: str) -> Json:
    return {"_errors": [{"code": code, "message": message}]}


def _problems(body: Json) -> Iterator[tuple[str, Json]]:
    if problem := _too_long(body.get("content"), CONTENT_LIMIT):
        yield "content", problem
    if problem := _bad_username(body.get("username")):
        yield "username", problem
    if problem := _bad_embeds(body.get("embeds")):
        yield "embeds", problem


def _too_long(value: object, limit: int) -> Json | None:
    if value is not None and not isinstance(value, str):
        return _problem("STRING_TYPE_CONVERT", f'Could not interpret "{value}" as string.')
    if value is not None and len(value) > limit:
        return _problem("BASE_TYPE_MAX_LENGTH", f"Must be {limit} or fewer in length.")
    return None


def _bad_username(value: object) -> Json | None:
    if value is None:
        return None
    if not isinstance(value, str) or not 1 <= len(value) <= 80:
        return _problem("BASE_TYPE_BAD_LENGTH", "Must be between 1 and 80 in length.")
    for word in ("discord", "clyde"):
        if word in value.lower():
            return _problem("USERNAME_INVALID_CONTAINS", f'Username cannot contain "{word}"')
    return None


def _bad_embeds(value: object) -> Json | None:
    if value is None:
        return None
    if not isinstance(value, list):
        return _problem("LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
    if len(value) > EMBEDS_LIMIT:
        return _problem("BASE_TYPE_MAX_LENGTH", f"Must be {EMBEDS_LIMIT} or fewer in length.")
    errors = {str(i): problem for i, embed in enumerate(value) if (problem := _bad_embed(embed))}
    if not errors and sum(map(_text_length, value)) > EMBEDS_TEXT_LIMIT:
        message = f"Embed size exceeds maximum size of {EMBEDS_TEXT_LIMIT}"
        return _problem("MAX_EMBED_SIZE_EXCEEDED", message)
    return errors or None


def _bad_embed(embed: object) -> Json | None:
    if not isinstance(embed, dict):
        return _problem("DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
    errors = _bad_texts(embed, EMBED_LIMITS)
    for part, (name, limit) in PART_LIMITS.items():
        if bad := _bad_texts(embed.get(part), {name: limit}):
            errors[part] = bad
    if bad_fields := _bad_fields(embed.get("fields")):
        errors["fields"] = bad_fields
    return errors or None


def _bad_fields(fields: object) -> Json | None:
    if fields is None:
        return None
    if not isinstance(fields, list):
        return _problem("LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
    if len(fields) > FIELDS_LIMIT:
        return _problem("BASE_TYPE_MAX_LENGTH", f"Must be {FIELDS_LIMIT} or fewer in length.")
    return {str(i): bad for i, field in enumerate(fields) if (bad := _bad_texts(field, FIELD_LIMITS))} or None


def _bad_texts(holder: object, limits: dict[str, int]) -> Json:
    if holder is None:
        return {}
    if not isinstance(holder, dict):
        return _problem("DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
    return {name: bad for name, limit in limits.items() if (bad := _too_long(holder.get(name), limit))}


def embed_texts(embed: Json) -> list[str]:
    """What an embed says, and what Discord counts of it: title, description, footer, author, fields."""
    texts = [embed.get(name) for name in EMBED_LIMITS]
    texts += [(embed.get(part) or {}).get(name) for part, (name, _) in PART_LIMITS.items()]
    texts += [field.get(name) for field in embed.get("fields") or [] for name in FIELD_LIMITS]
    return [text for text in texts if text]


def _text_length(embed: Json) -> int:
    return sum(map(len, embed_texts(embed)))
