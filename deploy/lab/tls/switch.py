"""Switching HTTPS on and off at the running edge, by a reload, and looking whether it did what it should."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lab.engine import container, docker
from lab.errors import ExitCode, LabError
from lab.settings import Settings
from lab.tls import authority, files
from lab.topology import Topology

PORT = 443
PATIENCE = 5.0  # seconds that Nginx gets to replace its workers
RELOAD = """
set -e
/etc/nginx/lab/render.sh
nginx -q -t -e stderr -p "$EDGE_RUN_DIR" -c conf/nginx.conf
nginx -e stderr -p "$EDGE_RUN_DIR" -c conf/nginx.conf -s reload
"""


@dataclass(frozen=True)
class Handshake:
    """What a client and the edge agreed on; the certificate was verified against the lab's authority."""

    version: str
    protocol: str
    cipher: str
    certificate: bytes

    def __str__(self) -> str:
        spoken = {"h2": "HTTP/2", "http/1.1": "HTTP/1.1"}.get(self.protocol, "HTTP/1.1")
        return f"{self.version.replace('TLSv', 'TLS ')}, {spoken}, {self.cipher}"


def turn_on(settings: Settings, plan: Topology, options: Sequence[str]) -> tuple[list[str], Handshake]:
    """Give the edge a certificate and these options; return what was made, and a handshake as proof.

    Raises LabError, with everything as it was before, if the edge does not run or Nginx refuses.
    """
    edge = container(settings.project, "edge")
    before = _contents()
    made = files.renew(settings, authority.utc_now())
    files.set_options(options)
    _reload(edge, before)
    return made, _wait_for_new_certificate(plan.address("edge"))


def turn_off(settings: Settings, plan: Topology) -> None:
    """Take the edge's certificate away; raises LabError if port 443 still answers."""
    edge = container(settings.project, "edge")
    before = _contents()
    files.remove_edge()
    _reload(edge, before)
    if not _soon(lambda: _refuses(plan.address("edge"))):
        raise LabError("the edge still answers at port 443; run: make restart HOST=edge", ExitCode.UNMEASURED)


def handshake(address: str, authority_file: Path, port: int = PORT) -> Handshake:
    """Shake hands with the edge as a careful client does; raises OSError (ssl.SSLError too) if it fails."""
    context = ssl.create_default_context(cafile=str(authority_file))
    context.set_alpn_protocols(["h2", "http/1.1"])
    with (
        socket.create_connection((address, port), timeout=3) as plain,
        context.wrap_socket(plain, server_hostname=address) as secure,
    ):
        cipher = secure.cipher()
        return Handshake(
            version=secure.version() or "",
            protocol=secure.selected_alpn_protocol() or "",
            cipher=cipher[0] if cipher else "",
            certificate=secure.getpeercert(binary_form=True) or b"",
        )


def _contents() -> dict[Path, bytes]:
    folder = files.folder() / "edge"
    return {path: path.read_bytes() for path in folder.glob("*")} if folder.is_dir() else {}


def _reload(edge: str, before: dict[Path, bytes]) -> None:
    try:
        docker("exec", edge, "sh", "-c", RELOAD)
    except LabError:
        files.remove_edge()
        for path, content in before.items():
            path.write_bytes(content)
            path.chmod(0o644)
        with suppress(LabError):  # the first refusal is the one to tell
            docker("exec", edge, "sh", "-c", RELOAD)
        raise


def _wait_for_new_certificate(address: str) -> Handshake:
    wanted = ssl.PEM_cert_to_DER_cert((files.folder() / "edge/edge.crt").read_text())
    seen: list[Handshake] = []

    def presented() -> bool:
        with suppress(OSError):
            seen.append(handshake(address, files.ca_file()))
        return bool(seen) and seen[-1].certificate == wanted

    if not _soon(presented):
        raise LabError(
            f"no good TLS handshake with {address}:{PORT}; run make up, which gives the edge what it needs, "
            "and look at: make logs HOST=edge",
            ExitCode.UNMEASURED,
        )
    return seen[-1]


def _refuses(address: str) -> bool:
    with socket.socket() as probe:
        probe.settimeout(3)
        return probe.connect_ex((address, PORT)) != 0


def _soon(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
