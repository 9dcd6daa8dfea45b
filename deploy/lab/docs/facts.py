"""What the site tells of this lab: its settings, its topology, and how it is drawn."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass

from lab import paths, settings, topology
from lab.diagram import live, model
from lab.errors import LabError
from lab.firewall import intent
from lab.topology import Topology


@dataclass(frozen=True)
class Facts:
    """The topology, and the picture of it: of the running lab, or of the plan if none runs."""

    plan: Topology
    picture: model.Picture

    @property
    def prefix(self) -> str:
        """What the addresses within the lab begin with, such as 10.10."""
        return self.plan.address("edge").removesuffix(".10.1")

    @property
    def flows(self) -> list[intent.Flow]:
        """What the firewall is held to, its counters being those of the rules as shipped."""
        rules = (paths.ROOT / "deploy/firewall/router.nft").read_text()
        return intent.read(self.plan, re.findall(r"^\s*counter (\w+)", rules, re.MULTILINE))


def gather() -> Facts:
    """The facts with the settings of .env, or those as shipped where there is no .env yet."""
    if not paths.env_file().exists():
        return planned()
    loaded = settings.load()
    plan = topology.read(loaded.values)
    try:
        picture = live.picture(loaded, plan, links={})
    except LabError:  # no running lab, which the picture says itself
        return Facts(plan, model.planned(plan))
    # The counters have moved on before anybody reads the page.
    return Facts(plan, dataclasses.replace(picture, counters=()))


def planned() -> Facts:
    """The facts of the lab as shipped."""
    plan = topology.read(settings.defaults())
    return Facts(plan, model.planned(plan))
