"""The picture as Mermaid text, for pages that draw it themselves."""

from __future__ import annotations

from collections.abc import Iterator

from lab.diagram.model import HostPicture, Picture, ZonePicture

ROUTER_NODE = '  router{{"<b>router</b><br/>firewall · link emulation · NAT"}}'


def render(picture: Picture) -> str:
    """A Mermaid flowchart: zones as subgraphs around the router."""
    return "\n".join(["flowchart LR", *_zones(picture), ROUTER_NODE, *_links(picture)]) + "\n"


def _zones(picture: Picture) -> Iterator[str]:
    for zone in picture.zones:
        yield f'  subgraph {_id("zone", zone.name)}["{zone.name} · {zone.subnet}"]'
        for host in picture.in_zone(zone.name):
            yield f'    {_id("host", host.name)}["{_label(host, zone)}"]'
        yield "  end"


def _label(host: HostPicture, zone: ZonePicture) -> str:
    address = host.addresses[zone.name] or "any free address"
    return "<br/>".join([f"<b>{host.name}</b>", address, *filter(None, [" ".join(host.ports), host.note])])


def _links(picture: Picture) -> Iterator[str]:
    for zone in picture.zones:
        words = "<br/>".join(filter(None, [zone.router, zone.link]))
        yield f'  {_id("zone", zone.name)} ---|"{words}"| router'


def _id(kind: str, name: str) -> str:
    """A name of its own for each node: a bare `end` would be a keyword."""
    return f"{kind}_{name.replace('-', '_')}"
