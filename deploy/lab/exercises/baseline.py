"""The lab as shipped: what each exercise begins on, and what a reset brings back."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lab.errors import ExitCode, LabError
from lab.exercises.bench import RunningLab
from link.condition import Link

# Written by the router when it starts: the shipped rules as nft lists them, without counts.
SHIPPED = "/run/lab/shipped-rules"
SERVICE = ("router", "edge", "app1", "app2", "live")  # the hosts that every request may pass
# A name that an exercise draws for the service. Other names in ALLOWED_HOSTS are the site's own.
DRAWN_NAME = r"helpdesk-\d{4}\.lab"


def must_be_as_shipped(lab: RunningLab, number: int) -> None:
    """Raise LabError (exit code 2) with what is not, and the command that mends it."""
    found = next(_differences(lab), None)
    if found:
        what, mend = found
        raise LabError(f"{what}; {mend}, then make start EX={number}", ExitCode.USAGE)


def restore(lab: RunningLab) -> None:
    """Make it as shipped again; what is so already is left alone."""
    lab.make_whole()
    lab.clear_links()
    lab.https_off()
    if _rules_differ(lab):
        lab.load_rules()
    lab.own_limits()


def _differences(lab: RunningLab) -> Iterator[tuple[str, str]]:
    yield from _of_hosts(lab)
    for zone in lab.plan.zones:
        if lab.link(zone) != Link():
            yield f"the link of zone {zone} has a condition", "make link-clear"
    if lab.https_is_on():
        yield "HTTPS is on", "make tls OFF=1"
    if _rules_differ(lab):
        yield "the firewall's rules in force are not the shipped ones", "make firewall"
    if not lab.limits_are_own():
        yield "the limits in force are not the lab's own", "make limits CLEAR=1"
    drawn = re.search(rf",({DRAWN_NAME})\b", lab.settings["ALLOWED_HOSTS"])
    if drawn:
        yield f"ALLOWED_HOSTS in .env names {drawn[1]}", "take the name out and say make up"


def _of_hosts(lab: RunningLab) -> Iterator[tuple[str, str]]:
    for host, status in lab.out_of_service().items():
        mend = "make up" if status == "missing" else f"make restart HOST={host}"
        yield f"host {host} is {status}", mend
    for name in lab.strays():
        yield f"a host {name} runs that is in no plan", "make up takes it away"
    for host in lab.differing(SERVICE):
        yield f"host {host} does not run as docker-compose.yml and .env say", "make up"
    for host in lab.drained():
        yield f"the edge asks {host} nothing", f"make drain HOST={host} BACK=1"


def _rules_differ(lab: RunningLab) -> bool:
    return lab.rules() != lab.run("router", "cat", SHIPPED)
