"""The picture in the terminal."""

from __future__ import annotations

from rich.console import Group
from rich.table import Table
from rich.text import Text

from lab.diagram.model import Counter, HostPicture, Picture, ZonePicture


def render(picture: Picture) -> Group:
    """Zones with their hosts, the router, and the firewall's counters."""
    shown: list[Table | Text] = [_hosts(picture)]
    if picture.counters:
        note = "What the firewall has counted (established: every packet of a connection after its first)"
        shown += [Text(), Text(note, style="bold"), _counters(picture.counters)]
    return Group(*shown)


def _hosts(picture: Picture) -> Table:
    title = "The lab as it is now" if picture.live else "The lab as planned in docker-compose.yml"
    table = Table(title=title, title_justify="left", title_style="bold", show_edge=False, pad_edge=False)
    for heading in ("host", "address", "default route", "listens", "on the VM's loopback"):
        table.add_column(heading)
    for zone in picture.zones:
        table.add_section()
        table.add_row(*_zone_cells(zone), style="bold cyan")
        for host in picture.in_zone(zone.name):
            table.add_row(*_host_cells(host, host.addresses[zone.name]), style="dim" if host.note else None)
    table.add_section()
    router = picture.router
    table.add_row(*_host_cells(router, "\n".join(router.addresses.values())), style="bold green")
    return table


def _zone_cells(zone: ZonePicture) -> tuple[str, str, str, str, str]:
    link = f"link: {zone.link}" if zone.link else ""
    return zone.name, zone.subnet, f"bridge {zone.bridge}", f"VM {zone.vm or 'has no address'}", link


def _host_cells(host: HostPicture, address: str) -> tuple[str, str, str, str, str]:
    name = f"  {host.name}" + (f" ({host.note})" if host.note else "")
    published = " ".join(str(port) for port in host.published)
    return name, address or "any free address", host.route or "", " ".join(host.ports), published


def _counters(counters: tuple[Counter, ...]) -> Table:
    table = Table(show_edge=False, pad_edge=False)
    table.add_column("counter")
    table.add_column("verdict")
    table.add_column("packets", justify="right")
    table.add_column("bytes", justify="right")
    for one in counters:
        style = "red" if one.verdict in ("drop", "reject") and one.packets else None
        table.add_row(one.name, one.verdict, f"{one.packets:,}", f"{one.bytes:,}", style=style)
    return table
