"""Read a JSON list from a file or from standard input, and say exactly where it is wrong."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import NoReturn


class InputError(Exception):
    """The input is wrong; the message is one sentence that says what, where, and the mend."""


def read_records(source: str) -> list[object]:
    """The elements of the JSON list in the file `source`; `-` is standard input.

    Raises `InputError`.
    """
    name = "standard input" if source == "-" else source
    records = _parse(_text(source, name), name)
    if not isinstance(records, list):
        raise InputError(f"{name}: the JSON must be a list of records, [ … ].")
    return records


def _text(source: str, name: str) -> str:
    try:
        content = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as error:
        raise InputError(f"{name}: cannot be read ({error.strerror}); check the path.") from error
    try:
        return content.decode("utf-8-sig")  # editors on Windows put a byte order mark first
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name}: byte {error.start + 1} is not UTF-8 text; save the file as UTF-8."
        ) from error


def _parse(text: str, name: str) -> object:
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InputError(f"{name}: not JSON at {where} ({error.msg}); correct it there.") from error
    except RecursionError as error:
        raise InputError(f"{name}: nested too deeply; a list of flat records is expected.") from error
    except ValueError as error:  # NaN, Infinity, and integers of thousands of digits
        raise InputError(f"{name}: has a number that JSON does not allow or that is too long.") from error


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError
