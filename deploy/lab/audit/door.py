"""The service as a stranger meets it: one request on a connection of its own, sent word for word.

No library that follows redirects, mends paths or keeps cookies: what is audited is what the edge does with
the very bytes.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, replace

from lab.audit.model import Site, UnmeasuredError
from lab.engine import container
from lab.tls import files

PATIENCE = 20.0  # seconds for an answer
HTTP_PORT, HTTPS_PORT = 80, 443


@dataclass(frozen=True)
class Door:
    """Where the service answers: an address and port, HTTPS or not, and the name to ask for."""

    address: str
    port: int
    name: str
    tls: bool = False

    @property
    def origin(self) -> str:
        """Scheme and name, as a browser would give them."""
        return f"{'https' if self.tls else 'http'}://{self.name}"


@dataclass(frozen=True)
class Reply:
    """What came back; `headers` in their order, one that was sent twice is there twice."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def all(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def header(self, name: str) -> str:
        """A header's values, one after the other; "" if there is none."""
        return ", ".join(self.all(name))

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")


def ask(
    door: Door,
    path: str,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> Reply | None:
    """Send one request; None if the connection was closed without an answer, as Nginx's 444 does.

    Raises UnmeasuredError if nobody answers there at all.
    """
    given = {"Host": door.name, "Connection": "close", **(headers or {})}
    connection = _connection(door)
    try:
        connection.connect()
        return _exchange(connection, method, path, given, body)
    except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
        return None
    except (OSError, http.client.HTTPException) as error:
        where = f"{door.address}:{door.port}"
        said = (
            f"{where} gave no answer to {method} {path} ({error or type(error).__name__}); see: make status"
        )
        raise UnmeasuredError(said) from error
    finally:
        connection.close()


def handshake_refused(door: Door, name: str) -> bool:
    """Whether a client that asks for this name in its handshake (SNI) is refused; raises UnmeasuredError."""
    try:
        with (
            socket.create_connection((door.address, door.port), PATIENCE) as plain,
            _context().wrap_socket(plain, server_hostname=name),
        ):
            return False
    except (ssl.SSLError, ConnectionResetError):
        return True
    except OSError as error:
        raise UnmeasuredError(
            f"{door.address}:{door.port} cannot be reached ({error}); see: make status"
        ) from error


def edge(site: Site) -> Door:
    """The edge's own address, while it runs; raises LabError (exit code 3) when it does not.

    Only then is there a network of the lab's that leads there.
    """
    container(site.settings.project, "edge")
    address = site.plan.address("edge")
    return Door(address, HTTP_PORT, address)


def service(site: Site) -> Door:
    """Where the service itself answers: at the edge by HTTP, or by HTTPS where HTTP is only sent on there."""
    plain = edge(site)
    if files.is_on() and "redirect" in files.options():
        return replace(plain, port=HTTPS_PORT, tls=True)
    return plain


def _connection(door: Door) -> http.client.HTTPConnection:
    if door.tls:
        return http.client.HTTPSConnection(door.address, door.port, timeout=PATIENCE, context=_context())
    return http.client.HTTPConnection(door.address, door.port, timeout=PATIENCE)


def _context() -> ssl.SSLContext:
    # Whether the certificate is good is the family tls's to say.
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _exchange(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes | None,
) -> Reply:
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    if body is not None:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    response = connection.getresponse()
    return Reply(response.status, tuple(response.getheaders()), response.read())
