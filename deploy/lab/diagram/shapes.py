"""The few SVG shapes that the picture is made of. Lengths are pixels of the drawing."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

SANS = "system-ui, 'Segoe UI', 'DejaVu Sans', Helvetica, Arial, sans-serif"
MONO = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"
STYLE = f"""
text {{ font-family: {SANS}; fill: #1f2937; }}
.mono {{ font-family: {MONO}; }}
.title {{ font-size: 24px; font-weight: 700; }}
.zone {{ font-size: 18px; font-weight: 700; }}
.host {{ font-size: 15px; font-weight: 700; }}
.address {{ font-size: 13px; }}
.small {{ font-size: 11.5px; fill: #4b5563; }}
.drop {{ fill: #b91c1c; font-weight: 700; }}
.onrouter, .onrouter.small {{ fill: #f9fafb; }}
.card {{ stroke-width: 1.5; }}
.hostbox {{ fill: #ffffff; stroke-width: 1.25; }}
.optional {{ stroke-dasharray: 5 4; }}
.wire {{ fill: none; stroke-width: 3; }}
.panel {{ fill: #f9fafb; stroke: #d1d5db; }}
"""
# Widths of a character relative to its font size: exact for MONO, a safe upper mean for SANS.
MONO_WIDTH, SANS_WIDTH = 0.61, 0.58


@dataclass(frozen=True)
class Box:
    """A rectangle by its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def centre(self) -> float:
        """The middle from left to right."""
        return self.x + self.width / 2

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.y + self.height


def text(x: float, y: float, content: str, style: str, *, anchor: str = "start") -> str:
    """A line of text whose baseline is at `y`."""
    place = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{x:g}" y="{y:g}" class="{style}"{place}>{escape(content)}</text>'


def rectangle(box: Box, style: str, *, radius: float = 10, colour: str = "") -> str:
    """A rectangle with round corners; `colour` is extra attributes."""
    place = f'x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}"'
    return f'<rect {place} rx="{radius:g}" class="{style}"{" " + colour if colour else ""}/>'


def fit(content: str, width: float, size: float, *, mono: bool = True) -> str:
    """The text, cut with an ellipsis where it would be wider than `width`."""
    most = int(width / (size * (MONO_WIDTH if mono else SANS_WIDTH)))
    return content if len(content) <= most else content[: most - 1] + "…"
