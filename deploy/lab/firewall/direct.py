"""Who may reach the app servers past the reverse proxy, and for how long: the set `direct` of router.nft."""

from __future__ import annotations

from collections.abc import Sequence

from lab.errors import ExitCode, LabError
from lab.firewall.site import Site
from lab.firewall.table import TABLE

SET = "direct"


def allow(site: Site, addresses: Sequence[str], seconds: int) -> None:
    """Let these addresses of the clients network in for so many seconds, anew if they are in already.

    The router itself ends it, should nobody come to take it back. Raises LabError (exit code 3) if the rules
    in force have no such set.
    """
    forbid(site, addresses)
    _change(site, "add", [f"{address} timeout {seconds}s" for address in addresses])


def forbid(site: Site, addresses: Sequence[str]) -> None:
    """Take them out again, those that are in; connections that are open go on until they are closed."""
    # Deleting what is not in the set is an error, and adding what is in it none: so this works for either.
    _change(site, "add", addresses)
    _change(site, "delete", addresses)


def _change(site: Site, verb: str, elements: Sequence[str]) -> None:
    words = [verb, "element", "inet", TABLE, SET, f"{{ {', '.join(elements)} }}"]
    done = site.run("router", ["nft", *words])
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()[:1]
        raise LabError(
            f"the router's rules have no set '{SET}', which lets a load generator past the edge "
            f"({''.join(said)}); run: make firewall",
            ExitCode.UNMEASURED,
        )
