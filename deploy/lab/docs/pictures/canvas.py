"""What the pictures are made of: a sheet, boxes with lines of text, and arrows. Lengths are pixels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from lab.diagram.shapes import MONO, SANS, Box, rectangle, text

BLUE, TEAL, ORANGE, RED, GREY = "#1d4ed8", "#0f766e", "#b45309", "#b91c1c", "#4b5563"
LINE_HEIGHT = 21
STYLE = f"""
text {{ font-family: {SANS}; font-size: 15px; fill: #1f2937; }}
.bold {{ font-weight: 700; font-size: 16px; }}
.mono {{ font-family: {MONO}; font-size: 14px; }}
.note {{ fill: {GREY}; font-size: 14px; }}
.box {{ fill: #ffffff; stroke: {GREY}; stroke-width: 1.5; }}
.axis {{ stroke: {GREY}; stroke-width: 1.25; fill: none; }}
.grid {{ stroke: #e5e7eb; stroke-width: 1; }}
.line {{ fill: none; stroke-width: 2.5; }}
"""


def sheet(width: float, height: float, told: str, parts: Iterable[str]) -> str:
    """A whole SVG document; `told` is for whoever cannot see it."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
    return "\n".join(
        [
            f'{head}height="{height:g}" role="img" aria-label="{escape(told)}">',
            f"<title>{escape(told)}</title>",
            f"<style>{STYLE}</style>",
            f'<rect width="{width:g}" height="{height:g}" fill="#ffffff"/>',
            *parts,
            "</svg>\n",
        ]
    )


def card(box: Box, lines: Sequence[str], colour: str = GREY, style: str = "mono") -> list[str]:
    """A box whose first line is its name; the others follow in `style`."""
    first, *rest = lines
    parts = [rectangle(box, "box", colour=f'style="stroke: {colour}"')]
    parts.append(text(box.centre, box.y + 26, first, "bold", anchor="middle"))
    for number, line in enumerate(rest, 1):
        parts.append(text(box.centre, box.y + 26 + LINE_HEIGHT * number, line, style, anchor="middle"))
    return parts


def arrow(start: tuple[float, float], end: tuple[float, float], colour: str = GREY) -> str:
    """A straight arrow."""
    (x1, y1), (x2, y2) = start, end
    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
    ux, uy = (x2 - x1) / length, (y2 - y1) / length
    left = (x2 - 11 * ux + 5 * uy, y2 - 11 * uy - 5 * ux)
    right = (x2 - 11 * ux - 5 * uy, y2 - 11 * uy + 5 * ux)
    tip = " ".join(f"{x:.1f},{y:.1f}" for x, y in (left, (x2, y2), right))
    shaft = f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="line"'
    return f'{shaft} stroke="{colour}"/><polygon points="{tip}" fill="{colour}"/>'
