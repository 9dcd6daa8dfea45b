"""A report as a file: the document and the VM's signature over it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lab.results import vmkey
from lab.results.report import MalformedError, Report, read

FORMAT, VERSION = "ticketlab report", 1
LARGEST = 5 * 2**20  # bytes; twelve exercises with a hundred checks each are a tenth of it


def seal(body: Mapping[str, Any], key: Ed25519PrivateKey) -> str:
    """The file's text."""
    document = {"format": FORMAT, "version": VERSION, "vm": vmkey.public(key), "report": body}
    signed = {**document, "signature": vmkey.sign(key, _signed_text(document))}
    return json.dumps(signed, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def unseal(data: bytes) -> Report:
    """The report in a file; raises MalformedError with what is wrong: no report, altered, of another kit."""
    if len(data) > LARGEST:
        raise MalformedError(f"is larger than {LARGEST // 2**20} MB, which no report is")
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise MalformedError("is not JSON; was it cut off, or is it another file?") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise MalformedError("is no report of make report")
    if document.get("version") != VERSION:
        raise MalformedError(
            f"is a report of version {document.get('version')}, and this kit reads {VERSION}"
        )
    _must_be_as_signed(document)
    body = document.get("report")
    if not isinstance(body, dict):
        raise MalformedError("is no report of make report")
    return read(body, document["vm"])


def _must_be_as_signed(document: dict[str, Any]) -> None:
    signature, vm = document.pop("signature", None), document.get("vm")
    if not isinstance(signature, str) or not isinstance(vm, str):
        raise MalformedError("is not signed")
    try:
        text = _signed_text(document)
    except (ValueError, RecursionError) as error:  # NaN, or half a surrogate: nothing that we ever signed
        raise MalformedError("was altered after it was written: its signature does not fit") from error
    if not vmkey.has_signed(vm, text, signature):
        raise MalformedError("was altered after it was written: its signature does not fit")


def _signed_text(document: Mapping[str, Any]) -> bytes:
    """What is signed: the document's values, however its text is laid out."""
    form = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return form.encode()
