"""The pictures: complete, well formed, nothing overlapping, and the committed ones up to date."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

from lab import paths, settings, topology
from lab.diagram import live, mermaid, model, svg
from lab.diagram.model import Counter, Picture

SVG = "{http://www.w3.org/2000/svg}"


def planned() -> Picture:
    return model.planned(topology.read(settings.defaults()))


def test_committed_pictures_are_those_of_the_compose_file() -> None:
    mend = "run: lab topology --planned --svg docs/topology.svg --mermaid docs/topology.mmd"
    assert (paths.ROOT / "docs/topology.svg").read_text() == svg.render(planned()), mend
    assert (paths.ROOT / "docs/topology.mmd").read_text() == mermaid.render(planned()), mend


def test_every_host_and_zone_is_in_both_pictures() -> None:
    picture = planned()
    drawn = [node.text for node in ElementTree.fromstring(svg.render(picture)).iter(f"{SVG}text")]  # noqa: S314
    written = mermaid.render(picture)
    for host in picture.hosts:
        assert host.name in drawn
        assert f"<b>{host.name}</b>" in written
        for address in filter(None, host.addresses.values()):
            assert address in drawn
            assert address in written
    for zone in picture.zones:
        assert zone.subnet in drawn
        assert zone.subnet in written
    assert "migrate" not in drawn


def test_the_svg_has_a_title_for_those_who_cannot_see_it() -> None:
    root = ElementTree.fromstring(svg.render(planned()))  # noqa: S314
    assert root.get("role") == "img"
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert description is not None
    assert "10.10.10.0/24 with edge" in (description.text or "")


def test_boxes_do_not_overlap_and_stay_inside_even_with_more_hosts() -> None:
    picture = planned()
    more = tuple(replace(picture.hosts[-1], name=f"worker-{n}") for n in range(7))
    root = ElementTree.fromstring(svg.render(replace(picture, hosts=picture.hosts + more)))  # noqa: S314
    view = [float(number) for number in root.attrib["viewBox"].split()]
    hosts = [rect for rect in root.iter(f"{SVG}rect") if "hostbox" in rect.get("class", "")]
    assert len(hosts) == len(picture.hosts) - 1 + 7
    boxes = [[float(rect.attrib[key]) for key in ("x", "y", "width", "height")] for rect in hosts]
    for index, (x, y, width, height) in enumerate(boxes):
        assert x >= 0
        assert x + width <= view[2]
        assert y + height <= view[3]
        for other_x, other_y, other_width, other_height in boxes[:index]:
            apart = (x >= other_x + other_width or other_x >= x + width
                     or y >= other_y + other_height or other_y >= y + height)  # fmt: skip
            assert apart


def test_names_cannot_break_out_of_the_svg() -> None:
    picture = planned()
    odd = replace(picture, hosts=(*picture.hosts, replace(picture.hosts[-1], name="<b>&")))
    drawn = [node.text for node in ElementTree.fromstring(svg.render(odd)).iter(f"{SVG}text")]  # noqa: S314
    assert "<b>&" in drawn


def test_a_live_picture_shows_links_counters_and_detours() -> None:
    picture = planned()
    zones = (replace(picture.zones[0], link="40 ms one way, 1 % loss"), *picture.zones[1:])
    detour = replace(picture.hosts[1], route="10.10.10.254")
    now = replace(picture, live=True, zones=zones, counters=(Counter("forward_dropped", "drop", 1234, 9),),
                  hosts=(picture.hosts[0], detour, *picture.hosts[2:]))  # fmt: skip
    drawn = svg.render(now)
    for words in ("link: 40 ms one way, 1 % loss", "forward_dropped", "1,234", "via 10.10.10.254"):
        assert words in drawn
    assert drawn.count("link: ") == 1, "of a link that nobody asked about nothing is claimed"


def test_listening_sockets_leave_out_the_engines_own_resolver() -> None:
    lines = [
        "udp UNCONN 0 0 127.0.0.11:45759 0.0.0.0:*",
        'tcp LISTEN 0 2048 0.0.0.0:8000 0.0.0.0:* users:(("gunicorn",pid=15,fd=3))',
        "tcp LISTEN 0 4096 [::]:8000 [::]:*",
        "tcp LISTEN 0 4096 127.0.0.1:99 0.0.0.0:*",
    ]
    assert live.listening(lines) == ("tcp/99 (loopback)", "tcp/8000")


def test_default_route_of_a_host_without_one() -> None:
    assert live.default_route("[]") is None
    assert live.default_route('[{"dst": "default", "gateway": "10.10.10.253"}]') == "10.10.10.253"


def test_a_counter_without_a_verdict_falls_to_the_chains_policy() -> None:
    def rule(chain: str, *expressions: dict[str, object]) -> dict[str, object]:
        return {"rule": {"chain": chain, "expr": list(expressions)}}

    def counter(name: str) -> dict[str, object]:
        return {"counter": {"name": name, "packets": 1, "bytes": 2}}

    document = {"nftables": [
        {"metainfo": {}}, {"chain": {"name": "forward", "policy": "drop"}}, {"chain": {"name": "known"}},
        counter("http"), counter("rest"), counter("idle"),
        rule("forward", {"counter": "http"}, {"accept": None}), rule("forward", {"counter": "rest"}),
    ]}  # fmt: skip
    found = {one.name: one.verdict for one in live.counters(document)}
    assert found == {"http": "accept", "rest": "drop", "idle": "unused"}


def test_mermaid_ids_are_words() -> None:
    for name in re.findall(r"^ +(?:subgraph )?(\S+?)[\[{]", mermaid.render(planned()), re.MULTILINE):
        assert re.fullmatch(r"\w+", name)
