"""Keeps a webhook from being a way inside, to where no Discord is, but perhaps a cloud's metadata.

A URL's host is no safe thing to judge, since its name may lead elsewhere a moment later (DNS rebinding), so
what is judged are addresses: those that the name has now, and then the one that the connection really has,
before a byte is sent on it.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

_Refuse = Callable[[str], bool]


class InsideError(HTTPError):
    """A connection led to an address that a webhook may not have."""


def is_inside(address: str) -> bool:
    """Whether an address is not of the public internet: private, loopback, link-local, reserved."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return not found.is_global or found.is_multicast


class Outward(HTTPAdapter):
    """Connects to public addresses, and to those inside that are named in `allowed`; else InsideError.

    A proxy that the environment names is the operator's own choice, and it is what does the connecting then.
    """

    def __init__(self, allowed: Collection[str]) -> None:
        self._allowed = frozenset(allowed)
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - as in the base class
        """As the base class does, with connections that look where they lead."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = _pools(
            lambda address: is_inside(address) and address not in self._allowed
        )


def _pools(refuse: _Refuse) -> dict[str, Any]:
    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            _check_name(self._dns_host, self.port, refuse)
            return _checked(super()._new_conn(), refuse)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            _check_name(self._dns_host, self.port, refuse)
            return _checked(super()._new_conn(), refuse)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def _check_name(host: str, port: int | None, refuse: _Refuse) -> None:
    """Spare an address inside even the attempt; of an unknown name the connection complains."""
    with suppress(OSError):
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        if all(refuse(str(each[4][0])) for each in found):
            raise InsideError


def _checked(connection: socket.socket, refuse: _Refuse) -> socket.socket:
    if refuse(connection.getpeername()[0]):
        connection.close()
        raise InsideError
    return connection
