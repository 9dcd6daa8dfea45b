"""Makes text from tickets harmless in a Discord message, and keeps it readable.

Three layers, since each alone has holes: Markdown and the `<…>` forms (mentions, emoji, timestamps) are
escaped, so they show as typed; `@everyone` and its like get an invisible character after the @; addresses of
web pages lose their link. The message itself is sent with empty `allowed_mentions` as well.
"""

from __future__ import annotations

import re
import unicodedata

CUT = "… (cut)"
LINE_BREAK = " ⏎ "

_ZERO_WIDTH_SPACE = "\u200b"
_MARKDOWN = re.compile(r"([\\*_~`|<>\[\]])")
_MENTION = re.compile(r"@(?=everyone|here|[!&]?\d)", re.IGNORECASE)
# Discord unescapes any punctuation after a backslash, so the address shows unchanged, only not as a link.
_LINK = re.compile(r"(?<=:)//")
_BREAKS = re.compile(r"\s*[\r\n\v\f\x85\u2028\u2029]\s*")
_WHOLE = re.compile(r"\\.|.", re.DOTALL)
# Invisible characters that turn the direction of writing.
_DIRECTION = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def plain(text: str, limit: int) -> str:
    """Return `text` as one harmless line of at most `limit` code points, marked if it was cut.

    Line breaks become a visible sign, so that no field can forge the lines of another ticket.
    """
    text = _BREAKS.sub(LINE_BREAK, text.strip()).translate(_DIRECTION)
    text = "".join(" " if unicodedata.category(character) == "Cc" else character for character in text)
    text = _MARKDOWN.sub(r"\\\1", text)
    text = _LINK.sub(r"\\/\\/", text)
    return _cut(_MENTION.sub(f"@{_ZERO_WIDTH_SPACE}", text), limit)


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    kept, room = [], limit - len(CUT)
    # An escape is kept whole or not at all: half of one would turn the mark's first character harmful.
    for piece in _WHOLE.findall(text):
        room -= len(piece)
        if room < 0:
            break
        kept.append(piece)
    return "".join(kept) + CUT
