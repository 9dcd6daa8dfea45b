"""Read a JSON list from a file or from standard input, record by record, and say exactly where it is wrong.

Only a window of the text is in memory, so a file may be of any size. Python's own scanner reads each record,
so that what is JSON, and what a mistake is called, is what `json.loads` says of the whole text.
"""

from __future__ import annotations

import codecs
import json
import os
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NoReturn

BLOCK = 1 << 18  # bytes read at a time, at least
# At the end of the window the scanner may take `12.` for 12, and complain about `tru` or `\u00`. What it says
# of anything further from the end than this is final.
LONGEST_TOKEN = 16

_visible = re.compile(r"[^ \t\n\r]").search


class InputError(Exception):
    """The input is wrong; the message is one sentence that says what, where, and the mend."""


class Records:
    """The elements of the JSON list in the file `source`, once; `-` is standard input.

    Iterating raises `InputError`.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._name = "standard input" if source == "-" else source
        self._text: _Text | None = None

    @property
    def share(self) -> float | None:
        """How much of the file is read, from 0 to 1; None if nobody knows how long it is."""
        return self._text.share if self._text else None

    def __iter__(self) -> Iterator[object]:
        with self._readable(), _opened(self._source) as file:
            self._text = _Text(file, self._name)
            yield from _elements(self._text)

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise InputError(f"{self._name}: cannot be read ({error.strerror}); check the path.") from error


class _Text:
    """The window on a file's text. Positions are characters in the window; `more` moves them."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.name = name
        self.window = ""
        self.complete = False  # the window ends where the file ends
        self._file = file
        self._size = _size(file)
        self._undecoded = b""  # the beginning of a character whose end has not been read
        self._decoded = 0  # bytes
        self._lines = 0  # that end before the window
        self._column = 0  # characters between the last line's end and the window
        self.more(0)

    @property
    def share(self) -> float | None:
        return self._decoded / self._size if self._size else None

    def more(self, position: int) -> int:
        """Forget what is before `position`, read on, and return where `position` is now: at 0."""
        newlines = self.window.count("\n", 0, position)
        self._lines += newlines
        self._column = (
            position - (self.window.rfind("\n", 0, position) + 1) + (0 if newlines else self._column)
        )
        kept = self.window[position:]
        # As much as is there already: a record that is longer than a block is not scanned once per block.
        block = self._file.read(max(BLOCK, len(kept)))
        self.complete = not block
        self.window = kept + self._decode(self._undecoded + block)
        return 0

    def skip_blanks(self, position: int) -> int:
        """The position of the next character that is not white space, or of the end."""
        while not (found := _visible(self.window, position)):
            if self.complete:
                return len(self.window)
            position = self.more(len(self.window))
        return found.start()

    def value(self, position: int) -> tuple[object, int]:
        """The JSON value that begins at `position`, and the position of its end."""
        while True:
            try:
                value, end = _decoder.raw_decode(self.window, position)
            except json.JSONDecodeError as error:
                # A string that does not end is complained of where it begins, however far that is from here.
                unended = error.msg.startswith("Unterminated")
                if self.complete or (self._final(error.pos) and not unended):
                    raise self.wrong(error.msg, error.pos) from error
            except RecursionError as error:
                mend = "a list of flat records is expected"
                raise InputError(f"{self.name}: nested too deeply; {mend}.") from error
            except ValueError as error:  # NaN, Infinity, and integers of thousands of digits
                mend = "has a number that JSON does not allow or that is too long"
                raise InputError(f"{self.name}: {mend}.") from error
            else:
                if self._final(end):
                    return value, end
            position = self.more(position)

    def wrong(self, what: str, position: int) -> InputError:
        """The sentence about a mistake in the JSON."""
        before = self.window.count("\n", 0, position)
        column = position - self.window.rfind("\n", 0, position) + (0 if before else self._column)
        where = f"line {self._lines + before + 1}, column {column}"
        return InputError(f"{self.name}: not JSON at {where} ({what}); correct it there.")

    def _final(self, position: int) -> bool:
        return self.complete or position + LONGEST_TOKEN < len(self.window)

    def _decode(self, data: bytes) -> str:
        if not self._decoded and data.startswith(codecs.BOM_UTF8):  # as editors on Windows write
            self._decoded, data = len(codecs.BOM_UTF8), data[len(codecs.BOM_UTF8) :]
        try:
            text, used = codecs.utf_8_decode(data, "strict", self.complete)
        except UnicodeDecodeError as error:
            byte = self._decoded + error.start + 1
            raise InputError(
                f"{self.name}: byte {byte} is not UTF-8 text; save the file as UTF-8."
            ) from error
        self._decoded += used
        self._undecoded = data[used:]
        return text


def _elements(text: _Text) -> Iterator[object]:
    position = text.skip_blanks(0)
    if not text.window.startswith("[", position):
        _, position = text.value(position)
        _expect_end(text, position)
        raise InputError(f"{text.name}: the JSON must be a list of records, [ … ].")
    position = text.skip_blanks(position + 1)
    ended = text.window.startswith("]", position)
    while not ended:
        value, position = text.value(position)
        yield value
        position = text.skip_blanks(position)
        ended = text.window.startswith("]", position)
        if not ended:
            if not text.window.startswith(",", position):
                raise text.wrong("Expecting ',' delimiter", position)
            position = text.skip_blanks(position + 1)
    _expect_end(text, position + 1)


def _expect_end(text: _Text, position: int) -> None:
    position = text.skip_blanks(position)
    if position < len(text.window):
        raise text.wrong("Extra data", position)


@contextmanager
def _opened(source: str) -> Iterator[BinaryIO]:
    if source == "-":
        yield sys.stdin.buffer
    else:
        with Path(source).open("rb") as file:
            yield file


def _size(file: BinaryIO) -> int | None:
    """In bytes; None for a pipe."""
    try:
        found = os.fstat(file.fileno())
    except OSError:  # not even a file, as where a test stands in for standard input
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError


_decoder = json.JSONDecoder(parse_constant=_refuse_constant)
