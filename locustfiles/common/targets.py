"""Which hosts may be loaded: the lab's own, and no other unless somebody names it on purpose."""

import os
from urllib.parse import urlsplit

from common.refusal import RefusedError

VARIABLE = "LAB_TARGETS"
LAB_HOSTS = "10.10.10.1,127.0.0.1,localhost"
VIA = "LAB_VIA"
EDGE = "edge"  # the way that everybody takes: to the address in the URL
REPLICA_PORT = 8000


def allowed_hosts() -> tuple[str, ...]:
    """Return the hosts in LAB_TARGETS (separated by commas), or the lab's own if it is unset or empty."""
    named = os.environ.get(VARIABLE) or LAB_HOSTS
    return tuple(host.strip().lower() for host in named.split(",") if host.strip())


def check_url(url: str) -> None:
    """Raise RefusedError unless `url` is http(s) and its host, on any port, may be loaded."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise RefusedError(
            f"The target {url!r} is not a URL ({error}); try --host http://10.10.10.1."
        ) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise RefusedError(
            f"The target {url!r} is not an http:// or https:// URL; try --host http://10.10.10.1."
        )
    check_host(parts.hostname)


def check_host(host: str) -> None:
    """Raise RefusedError unless `host`, a name or an address without a port, may be loaded."""
    hosts = allowed_hosts()
    if host.lower() in hosts:
        return
    raise RefusedError(
        f"{host} is not one of the lab's hosts ({', '.join(hosts)}), and load on a machine that is not yours "
        f"is an attack on it, so nothing was sent; if it is yours to load, say so with "
        f"{VARIABLE}={','.join((*hosts, host))}."
    )


def replica(via: str) -> tuple[str, int] | None:
    """Return the address and port that LAB_VIA gives the replica; None for the edge.

    LAB_VIA reads "app1=10.10.30.11,app2=10.10.30.12"; another port than 8000 follows a colon. What it names
    may be loaded. Raises RefusedError if it does not name this one.
    """
    if via == EDGE:
        return None
    named = os.environ.get(VIA) or ""
    addresses = dict(pair.strip().partition("=")[::2] for pair in named.split(","))
    host, _, port = addresses.get(via, "").partition(":")
    if not host or not (port or "8000").isdecimal():
        raise RefusedError(
            f"--via {via} needs the replica's address, and {VIA} ({named or 'not set'}) has none; name it "
            f"like {VIA}={via}=10.10.30.11, or go by the edge."
        )
    return host, int(port or REPLICA_PORT)
