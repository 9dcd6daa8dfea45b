"""A capture's summary in the terminal, and as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from lab import paths
from lab.capture.record import Recording
from lab.capture.summary import Conversation, Summary

SHOWN = 15  # conversations in the terminal; JSON has them all


def document(recording: Recording, summary: Summary) -> dict[str, Any]:
    """The summary for a script; times in milliseconds."""
    return {
        "file": str(recording.file),
        "packets": recording.packets,
        "dropped_by_kernel": recording.dropped,
        "in_clear": list(recording.secrets),
        "median_rtt_ms": _ms(summary.median_rtt),
        "other_packets": summary.other_packets,
        "conversations": [_conversation(one) for one in summary.conversations],
    }


def _conversation(one: Conversation) -> dict[str, Any]:
    return {
        "client": one.client,
        "server": one.server,
        "tls": one.tls or None,
        "server_name": one.name or None,
        "handshake": one.handshake,
        "rtt_ms": _ms(one.rtt),
        "to_server_ms": _ms(one.to_server),
        "to_client_ms": _ms(one.to_client),
        "packets": one.packets,
        "bytes_from_client": one.bytes_out,
        "bytes_from_server": one.bytes_in,
        "retransmissions": one.retransmissions,
        "resets": one.resets,
    }


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)


def render(recording: Recording, summary: Summary) -> Group:
    """Totals, then a line for each of the largest conversations."""
    shown: list[Text | Table] = [*_totals(recording, summary)]
    if summary.conversations:
        shown += [Text(), _table(summary)]
    return Group(*shown)


def _totals(recording: Recording, summary: Summary) -> list[Text]:
    all_ = summary.conversations
    lines = [
        f"{recording.packets:,} packets in {_short(recording.file)}; {len(all_):,} TCP conversations, "
        f"{sum(one.handshake for one in all_):,} with a whole handshake, "
        f"{sum(one.retransmissions for one in all_):,} retransmissions, "
        f"{sum(one.resets for one in all_):,} resets, {summary.other_packets:,} packets of other protocols"
    ]
    if summary.median_rtt is not None:
        lines.append(f"median RTT {summary.median_rtt * 1000:.2f} ms: SYN to SYN/ACK (server side) "
                     f"and on to the client's ACK (client side)")  # fmt: skip
    if recording.dropped:
        lines.append(f"the kernel dropped {recording.dropped:,} packets: this capture has gaps")
    return [Text(line) for line in lines]


def _short(file: Path) -> Path:
    return file.relative_to(paths.ROOT) if file.is_relative_to(paths.ROOT) else file


def _table(summary: Summary) -> Table:
    table = Table(show_edge=False, pad_edge=False)
    table.add_column("client\n→ server", no_wrap=True)
    for heading in (
        "RTT\nms",
        "server\nside",
        "client\nside",
        "bytes\nout",
        "bytes\nin",
        "sent\nagain",
        "resets",
    ):
        table.add_column(heading, justify="right")
    for one in summary.conversations[:SHOWN]:
        halves = (one.rtt, one.to_server, one.to_client)
        times = ("" if time is None else f"{time * 1000:.2f}" for time in halves)
        sizes, faults = (one.bytes_out, one.bytes_in), (one.retransmissions, one.resets)
        ends = "\n".join(filter(None, (one.client, f"→ {one.server}", one.tls and f"  {one.tls}")))
        table.add_row(ends, *times, *(f"{number:,}" for number in (*sizes, *faults)))
    if len(summary.conversations) > SHOWN:
        table.caption = f"and {len(summary.conversations) - SHOWN:,} smaller ones; --json has them all"
    return table
