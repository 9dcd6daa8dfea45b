"""HTTPS as the lab would offer it: the edge's own where it is on, else a throw-away edge beside it.

The throw-away one runs the same image with the same configuration in the edge's own network namespace, so
that its requests reach the app servers as the edge's do, at a port that nobody else uses. Its certificate
comes from an authority of its own, made as `make tls` makes one.
"""

from __future__ import annotations

import json
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab import paths
from lab.audit.door import Door, handshake_refused
from lab.audit.model import Site, UnmeasuredError
from lab.engine import container, docker
from lab.tls import authority, files
from lab.tls.switch import PORT, soon

PLAIN_PORT, TLS_PORT = 47080, 47443  # of the throw-away edge, in the edge's network namespace
OPTIONS = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--pids-limit", "64")


@dataclass(frozen=True)
class Secure:
    """Where HTTPS answers, the authority that vouches for it, and whether the lab itself offers it.

    `container` is the one whose Nginx it is.
    """

    door: Door
    authority: Path
    offered: bool
    container: str = ""


@contextmanager
def door(site: Site) -> Iterator[Secure]:
    """HTTPS for as long as the audit needs it; raises LabError or UnmeasuredError where there is none."""
    edge, address = container(site.settings.project, "edge"), site.plan.address("edge")
    if files.is_on():
        yield Secure(Door(address, PORT, address, tls=True), files.ca_file(), True, edge)
        return
    with tempfile.TemporaryDirectory(prefix="audit-tls-", dir=paths.state()) as folder:
        ca_file = _certify(Path(folder), files.names(site.settings))
        port = TLS_PORT + int(uuid.uuid4().hex[:2], 16)  # several families may look at once
        name = _start(edge, Path(folder), port)
        try:
            found = Door(address, port, address, tls=True)
            if not soon(lambda: _answers(found)):
                said = docker("logs", name).strip().splitlines()[-1:] or ["it said nothing"]
                raise UnmeasuredError(f"the throw-away edge does not answer by HTTPS: {said[0]}")
            yield Secure(found, ca_file, False, name)
        finally:
            docker("rm", "--force", "--volumes", name)


def _certify(folder: Path, names: list[str]) -> Path:
    now = authority.utc_now()
    ca = authority.make_authority(names, now)
    pair = authority.issue(ca, names, now)
    # The container's user is another: as with make tls, it is the folder around that keeps people out.
    mounted = folder / "edge"
    mounted.mkdir()
    (mounted / "edge.key").write_bytes(pair.key_pem)
    (mounted / "edge.crt").write_bytes(pair.certificate_pem)
    for path in mounted.iterdir():
        path.chmod(0o644)
    (folder / "ca.crt").write_bytes(ca.certificate_pem)
    return folder / "ca.crt"


def _start(edge: str, folder: Path, port: int) -> str:
    body = json.loads(docker("inspect", edge))[0]
    name = f"{body['Name'].lstrip('/')}-audit-{uuid.uuid4().hex[:8]}"
    changed = {
        "EDGE_LISTEN": str(port - TLS_PORT + PLAIN_PORT),
        "EDGE_TLS_LISTEN": str(port),
        "EDGE_TLS_DIR": "/tmp/edge-tls",  # noqa: S108  # a path in the container
    }
    given = dict(line.partition("=")[::2] for line in body["Config"]["Env"]) | changed
    docker(
        *("run", "--detach", "--name", name, "--network", f"container:{edge}", *OPTIONS),
        *("--volumes-from", f"{edge}:ro", "--volume", f"{folder / 'edge'}:/tmp/edge-tls:ro"),
        *("--tmpfs", "/run/edge:mode=700,uid=10002,size=64m"),
        *(word for key, value in given.items() for word in ("--env", f"{key}={value}")),
        body["Image"],
    )
    return name


def _answers(found: Door) -> bool:
    try:
        return not handshake_refused(found, found.address)
    except UnmeasuredError:
        return False
