"""The API, from docs/openapi.yaml: every address with what it takes and answers, then the objects."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import yaml

from lab import paths
from lab.docs.reference.markdown import code, table

METHODS = ("get", "post", "put", "patch", "delete")
AUTHORISED = {"jwtAuth": "a token", "cookieAuth": "a session"}

Node = dict[str, Any]


def pages() -> str:
    """A section for each address, then one for each kind of object."""
    document: Node = yaml.safe_load((paths.ROOT / "docs/openapi.yaml").read_text())
    addresses = (part for path, item in document["paths"].items() for part in _address(path, item))
    refusals = document["components"]["responses"]
    refused = table(("refusal", "code", "when"), (_refusal(name, body) for name, body in refusals.items()))
    schemas = document["components"]["schemas"]
    kinds = (_kind(name, schema) for name, schema in sorted(schemas.items()))
    return "\n".join([*addresses, f"## Refusals\n\n{refused}", "## Objects\n", *kinds])


def _address(path: str, item: Node) -> Iterator[str]:
    yield f"## {code(path)}\n"
    for method in METHODS:
        if method in item:
            yield from _operation(method, path, item[method])


def _operation(method: str, path: str, operation: Node) -> Iterator[str]:
    yield f"### {method.upper()} {code(path)}\n"
    yield f"{operation.get('description', '').strip()}\n"
    yield f"Who may ask: {_callers(operation)}.\n"
    if parameters := operation.get("parameters"):
        yield table(("parameter", "in", "type", "meaning"), map(_parameter, parameters))
    if body := operation.get("requestBody"):
        kinds = [f"{code(kind)}: {_type(content['schema'])}" for kind, content in body["content"].items()]
        yield f"Body: {', or '.join(kinds)}.\n"
    answers: dict[str, Node] = operation["responses"]
    own = {status: answer for status, answer in answers.items() if "$ref" not in answer}
    yield table(("answer", "what it has", "when"), (_answer(*one) for one in own.items()))
    if refused := [status for status in answers if status not in own]:
        yield f"It may be [refused](#refusals) with {', '.join(map(code, refused))}.\n"


def _callers(operation: Node) -> str:
    """Whom the operation lets in; one that says nothing of it lets in anybody."""
    ways = operation.get("security", [{}])
    if {} in ways:
        return "anybody"
    return f"who shows {' or '.join(AUTHORISED[name] for way in ways for name in way)}"


def _parameter(parameter: Node) -> tuple[str, str, str, str]:
    name = code(parameter["name"]) + (" (must be there)" if parameter.get("required") else "")
    return name, parameter["in"], _type(parameter["schema"]), _list(parameter.get("description", ""))


def _answer(status: str, answer: Node) -> tuple[str, str, str]:
    kinds = dict.fromkeys(_type(content["schema"]) for content in answer.get("content", {}).values())
    meaning = answer["description"] or HTTPStatus(int(status)).phrase
    return code(status), " or ".join(kinds) or "nothing", _list(meaning)


def _refusal(name: str, body: Node) -> tuple[str, str, str]:
    error = body["content"]["application/json"]["example"]["error"]
    return f"{code(str(error['status']))} {name}", code(error["code"]), _list(body["description"])


def _kind(name: str, schema: Node) -> str:
    head = f"### {name}\n\n{_list(schema.get('description', ''))}\n"
    if "enum" in schema:
        return f"{head}\n{_type(schema)}\n"
    needed = schema.get("required", [])
    rows = [
        (code(field), _type(body), "yes" if field in needed else "", _list(body.get("description", "")))
        for field, body in schema.get("properties", {}).items()
    ]
    return f"{head}\n{table(('field', 'type', 'always there', 'meaning'), rows)}"


def _type(schema: Node) -> str:
    """A type in words, with a link where it is one of the objects."""
    for several in ("allOf", "oneOf", "anyOf"):
        if several in schema:
            return " or ".join(_type(one) for one in schema[several])
    if "$ref" in schema:
        name = _last(schema["$ref"])
        return f"[{name}](#{name.lower()})"
    if "enum" in schema:
        return ", ".join(code(str(value)) for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    words = f"{schema.get('type', 'anything')} {schema.get('format', '').replace('-', ' ')}".strip()
    bounds = [f"{word} {schema[key]}" for key, word in BOUNDS.items() if key in schema]
    return ", ".join([words, *bounds]) + (" or null" if schema.get("nullable") else "")


BOUNDS = {"minimum": "from", "maximum": "to", "maxLength": "at most", "default": "else"}


def _list(text: str) -> str:
    """A description with its bullets on one line, for a table's cell."""
    first, *bullets = text.split("\n* ")
    begin = first.removeprefix("* ")
    return "; ".join(part.strip() for part in [begin, *bullets] if part.strip())


def _last(reference: str) -> str:
    return reference.rpartition("/")[2]
