"""The picture as SVG: zones in two rows, the router in the middle, and the firewall's counters below."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import zip_longest
from textwrap import wrap

from lab.diagram.model import Counter, HostPicture, Picture, ZonePicture
from lab.diagram.shapes import STYLE, Box, fit, rectangle, text

WIDTH, MARGIN, TOP = 1200, 30, 84
CARD_WIDTH, CARD_HEAD, PADDING = 520, 62, 18
HOSTS_A_ROW, HOST_GAP, LINE = 3, 12, 17
HOST_WIDTH = (CARD_WIDTH - 2 * PADDING - (HOSTS_A_ROW - 1) * HOST_GAP) / HOSTS_A_ROW
BETWEEN_ROWS, ROUTER_WIDTH, ROUTER_HEIGHT = 190, 320, 110
COUNTER_COLUMNS, COUNTER_LINE = 3, 22
# Line and fill of each zone's card, in the zones' order; further zones begin again.
COLOURS = (("#0f766e", "#f0fdfa"), ("#1d4ed8", "#eff6ff"), ("#6d28d9", "#f5f3ff"), ("#b45309", "#fffbeb"))


def render(picture: Picture) -> str:
    """A whole SVG document, which needs nothing from elsewhere."""
    rows = _rows(picture)
    heights = [max(_card_height(picture, zone) for zone in row) for row in rows]
    router = Box((WIDTH - ROUTER_WIDTH) / 2, TOP + heights[0] + (BETWEEN_ROWS - ROUTER_HEIGHT) / 2,
                 ROUTER_WIDTH, ROUTER_HEIGHT)  # fmt: skip
    tops = [TOP, TOP + heights[0] + BETWEEN_ROWS]
    parts = [*_heading(picture)]
    for row, top, height in zip(rows, tops, heights, strict=True):
        for column, zone in enumerate(row):
            card = Box(MARGIN + column * (WIDTH - 2 * MARGIN - CARD_WIDTH), top, CARD_WIDTH, height)
            line, fill = COLOURS[picture.zones.index(zone) % len(COLOURS)]
            parts += _wire(zone, card, router, line)
            parts += _card(picture, zone, card, f'stroke="{line}"', f'fill="{fill}"')
    parts += _router(router)
    bottom = tops[1] + heights[1]
    if picture.counters:
        panel = Box(MARGIN, bottom + 30, WIDTH - 2 * MARGIN, _panel_height(picture.counters))
        parts += _counters(picture.counters, panel)
        bottom = panel.bottom
    return _document(picture, bottom + MARGIN, parts)


def _rows(picture: Picture) -> list[list[ZonePicture]]:
    """The zones clockwise around the router: left to right above, right to left below."""
    half = (len(picture.zones) + 1) // 2
    return [list(picture.zones[:half]), list(reversed(picture.zones[half:]))]


def _document(picture: Picture, height: float, parts: list[str]) -> str:
    zones = "; ".join(
        f"{zone.name} {zone.subnet} with {', '.join(host.name for host in picture.in_zone(zone.name))}"
        for zone in picture.zones
    )
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" width="{WIDTH}" '
            f'height="{height:g}" role="img" aria-labelledby="title description">',
            '<title id="title">Topology of the lab: zones around one router</title>',
            f'<desc id="description">{escape(zones)}. The router joins all zones.</desc>',
            f"<style>{STYLE}</style>",
            f'<rect width="{WIDTH}" height="{height:g}" fill="#ffffff"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _heading(picture: Picture) -> Iterator[str]:
    state = "as it is now" if picture.live else "as planned in docker-compose.yml"
    yield text(MARGIN, 42, f"The lab {state}", "title")
    note = "Every host's default route is the router, so whatever goes from zone to zone crosses it."
    yield text(MARGIN, 65, note, "address")


def _card_height(picture: Picture, zone: ZonePicture) -> float:
    hosts = picture.in_zone(zone.name)
    rows = max(1, -(-len(hosts) // HOSTS_A_ROW))
    return CARD_HEAD + rows * _host_height(picture) + (rows - 1) * HOST_GAP + PADDING


def _host_height(picture: Picture) -> float:
    """One height for all hosts, so that rows align."""
    lines = [len(_host_lines(host, zone)) for zone in picture.zones for host in picture.in_zone(zone.name)]
    return 50 + LINE * max(lines, default=0) + (4 if max(lines, default=0) else 0)


def _card(picture: Picture, zone: ZonePicture, card: Box, stroke: str, fill: str) -> Iterator[str]:
    yield rectangle(card, "card", radius=14, colour=f"{stroke} {fill}")
    yield text(card.x + PADDING, card.y + 28, zone.name, "zone")
    yield text(card.x + PADDING, card.y + 47, zone.subnet, "mono address")
    yield text(card.right - PADDING, card.y + 27, f"bridge {zone.bridge}", "small", anchor="end")
    vm = f"the VM is {zone.vm}" if zone.vm else "the VM has no address here"
    yield text(card.right - PADDING, card.y + 46, vm, "small", anchor="end")
    for index, host in enumerate(picture.in_zone(zone.name)):
        row, column = divmod(index, HOSTS_A_ROW)
        height = _host_height(picture)
        x = card.x + PADDING + column * (HOST_WIDTH + HOST_GAP)
        yield from _host(
            host, zone, Box(x, card.y + CARD_HEAD + row * (height + HOST_GAP), HOST_WIDTH, height), stroke
        )


def _host(host: HostPicture, zone: ZonePicture, box: Box, stroke: str) -> Iterator[str]:
    yield rectangle(box, "hostbox optional" if host.note else "hostbox", radius=8, colour=stroke)
    room = box.width - 20
    yield text(box.x + 10, box.y + 21, fit(host.name, room, 15, mono=False), "host")
    address = host.addresses[zone.name] or "any free address"
    yield text(box.x + 10, box.y + 40, fit(address, room, 13), "mono address")
    for number, line in enumerate(_host_lines(host, zone), start=1):
        yield text(box.x + 10, box.y + 42 + LINE * number, fit(line, room, 11.5, mono=False), "small")


def _host_lines(host: HostPicture, zone: ZonePicture) -> list[str]:
    """What a host's box says below the address."""
    pairs = [" ".join(filter(None, pair)) for pair in zip_longest(host.ports[::2], host.ports[1::2])]
    published = [f"localhost:{port} (VM)" for port in host.published]
    detour = [f"via {host.route}"] if host.route not in (None, zone.router) else []
    return [*pairs, *published, *detour, *([host.note] if host.note else [])]


def _wire(zone: ZonePicture, card: Box, router: Box, colour: str) -> Iterator[str]:
    """From a card's edge to the router's side, with the router's address and the link's condition on it."""
    above, left = card.y < router.y, card.centre < WIDTH / 2
    start = card.bottom if above else card.y
    level = router.y + (30 if above else ROUTER_HEIGHT - 30)
    bend, end = (14, router.x) if left else (-14, router.right)
    turn = level - 14 if above else level + 14
    curve = (
        f"M{card.centre:g} {start:g} V{turn:g} Q{card.centre:g} {level:g} {card.centre + bend:g} {level:g}"
    )
    yield f'<path class="wire" stroke="{colour}" d="{curve} H{end:g}"/>'
    middle = (card.centre + end) / 2
    label = level - 9 if above else level + 20
    yield text(middle, label, zone.router, "mono address", anchor="middle")
    if zone.link:
        side, anchor = (-12, "end") if left else (12, "start")
        for number, line in enumerate(wrap(f"link: {zone.link}", 32)[:2]):
            yield text(card.centre + side, level + 4 + number * LINE, line, "address", anchor=anchor)


def _router(box: Box) -> Iterator[str]:
    yield rectangle(box, "router", radius=14, colour='fill="#1f2937"')
    yield text(box.centre, box.y + 42, "router", "zone onrouter", anchor="middle")
    yield text(
        box.centre, box.y + 66, "firewall (default drop) · link emulation", "small onrouter", anchor="middle"
    )
    yield text(box.centre, box.y + 84, "NAT towards the internet", "small onrouter", anchor="middle")


def _panel_height(counters: tuple[Counter, ...]) -> float:
    return 52 + COUNTER_LINE * -(-len(counters) // COUNTER_COLUMNS)


def _counters(counters: tuple[Counter, ...], panel: Box) -> Iterator[str]:
    yield rectangle(panel, "panel")
    yield text(panel.x + PADDING, panel.y + 28, "Packets that the firewall has counted", "host")
    rows = -(-len(counters) // COUNTER_COLUMNS)
    width = (panel.width - 2 * PADDING + 30) / COUNTER_COLUMNS
    for index, one in enumerate(counters):
        column, row = divmod(index, rows)
        x, y = panel.x + PADDING + column * width, panel.y + 52 + row * COUNTER_LINE
        alarm = " drop" if one.verdict in ("drop", "reject") and one.packets else ""
        yield text(x, y, fit(one.name, width - 150, 13), "mono address")
        yield text(x + width - 140, y, one.verdict, "small" + alarm)
        yield text(x + width - 30, y, f"{one.packets:,}", "mono address" + alarm, anchor="end")
