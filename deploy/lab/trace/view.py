"""A trace as a waterfall in the terminal, and as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from lab.trace.follow import Trace
from lab.trace.parts import Part

BAR = 26  # characters for the whole request
EIGHTHS = " ▏▎▍▌▋▊▉"
COLOURS = {"client": "white", "network": "cyan", "edge": "blue", "backend": "magenta", "app": "yellow"}


def document(trace: Trace) -> dict[str, Any]:
    """The trace for a script; all times in milliseconds."""
    return {
        "url": trace.url,
        "from": trace.host,
        "request_id": trace.request_id,
        "status": trace.response.status,
        "version": trace.response.version,
        "tls": trace.response.tls,
        "served_by": trace.response.served_by or None,
        "rtt_ms": None if trace.rtt is None else _ms(trace.rtt),
        "total_ms": _ms(trace.response.times.total),
        "received_bytes": trace.response.times.received,
        "parts": [_part(part) for part in trace.parts],
        "edge": trace.edge_line,
        "app": asdict(trace.response.app) if trace.response.app else None,
    }


def _part(part: Part) -> dict[str, Any]:
    expected = None if part.expected is None else _ms(part.expected)
    return {"name": part.name, "where": part.where, "start_ms": _ms(part.start), "ms": _ms(part.seconds),
            "expected_ms": expected, "theory": part.theory}  # fmt: skip


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 6)


def render(trace: Trace) -> Group:
    """Headline, waterfall, and what each hop said of the request."""
    return Group(_headline(trace), Text(), _waterfall(trace), Text(), *_notes(trace))


def _headline(trace: Trace) -> Text:
    response = trace.response
    protocol = " over ".join(filter(None, [response.version, response.tls]))
    text = Text(f"{trace.host} → {trace.url}", style="bold")
    text.append(f"\n{response.status}, {response.times.received:,} bytes, {protocol}", style="not bold")
    served = f", served by {response.served_by}" if response.served_by else ""
    text.append(f"{served}, request id {trace.request_id}", style="not bold")
    return text


def _waterfall(trace: Trace) -> Table:
    table = Table(show_edge=False, pad_edge=False, box=None, padding=(0, 2, 0, 0))
    table.add_column("part", no_wrap=True)
    table.add_column("", width=BAR, no_wrap=True)
    table.add_column("ms", justify="right", no_wrap=True)
    table.add_column("theory (ms)", no_wrap=True)
    total = trace.response.times.total
    for part in trace.parts:
        table.add_row(part.name, _bar(part, total), f"{part.seconds * 1000:.2f}", _theory(part))
    table.add_section()
    table.add_row("total", Text("─" * BAR, style="dim"), f"{total * 1000:.2f}", "", style="bold")
    return table


def _theory(part: Part) -> str:
    if part.expected is None or not part.theory:
        return part.theory
    return part.theory if part.expected == 0 else f"{part.theory} = {part.expected * 1000:.2f}"


def _bar(part: Part, total: float) -> Text:
    """A bar in eighths of a character; what took a microsecond or more is never invisible."""
    if part.seconds < 1e-6:
        return Text()
    eighths = BAR * 8
    before, rest = divmod(min(round(part.start / total * eighths), eighths - 1), 8)
    length = max(1, round(part.seconds / total * eighths)) + rest
    full, last = divmod(min(length, eighths - before * 8), 8)
    return Text(" " * before + ("█" * full + EIGHTHS[last]).rstrip(), style=COLOURS[part.where])


def _notes(trace: Trace) -> list[Text]:
    notes = [_rtt_note(trace), _edge_note(trace.edge_line)]
    if app := trace.response.app:
        database = f"{app.database * 1000:.1f} ms in {app.queries} database queries"
        notes.append(f"The app's Server-Timing: {app.total * 1000:.1f} ms in all, {database}.")
    return [Text(note, style="dim") for note in notes]


def _rtt_note(trace: Trace) -> str:
    if trace.rtt is None:
        return "RTT: ping got no answer (a firewall may drop it), so theory has no round trip to count with."
    ms = f"{trace.rtt * 1000:.2f} ms"
    return f"RTT {ms}: the median of 5 pings just before; a link's one-way delay counts twice in it."


def _edge_note(line: dict[str, Any] | None) -> str:
    if line is None:
        return "No line of Nginx's log has this id, so the parts inside the lab are less divided."
    steps = " ".join(
        f"{step} {line[f'upstream_{step}_time'] or '-'}" for step in ("connect", "header", "response")
    )
    upstream = f"upstream {line['upstream_addr']} {steps}" if line["upstream_addr"] else "no upstream asked"
    return f"Nginx's log, in whole milliseconds: request {line['request_time']} s, {upstream}."
