"""host.nft, the VM's own firewall, knows the ports that the VM publishes."""

from __future__ import annotations

import re

from lab import paths, settings


def test_every_published_port_is_named() -> None:
    text = (paths.ROOT / "deploy/firewall/host.nft").read_text()
    (listed,) = re.findall(r"^define published = \{ (.*) \}$", text, re.MULTILINE)
    defaults = settings.defaults()
    assert {int(port) for port in listed.split(",")} == {int(defaults[name]) for name in settings.PORTS}
