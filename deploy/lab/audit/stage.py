"""HTTPS as the lab would offer it: the edge's own where it is on, else a throw-away edge beside it.

The throw-away one runs the same image with the same configuration in the edge's own network namespace, so
that its requests reach the app servers as the edge's do, at a port that nobody else uses. Its certificate
comes from an authority of its own, made as `make tls` makes one.
"""

from __future__ import annotations

import json
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from lab import paths
from lab.audit.door import Door, handshake_refused
from lab.audit.model import Site, UnmeasuredError
from lab.engine import container, docker
from lab.tls import authority, files
from lab.tls.switch import PORT

PLAIN_PORT, TLS_PORT = 47080, 47443  # of the throw-away edge, in the edge's network namespace
LONGEST = 600  # seconds, after which it ends by itself, should nobody be there to remove it
PATIENCE = 30.0  # seconds that it gets to start: the VM may be busy
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


class _Stage:
    """One throw-away edge for all families that look at once: the first starts it, the last removes it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._looking = 0
        self._holding = ExitStack()
        self._secure: Secure | None = None

    @contextmanager
    def shared(self, site: Site) -> Iterator[Secure]:
        """The throw-away edge, which may be there already."""
        with self._lock:
            if self._secure is None:
                self._secure = self._holding.enter_context(_throw_away(site))
            secure = self._secure
            self._looking += 1
        try:
            yield secure
        finally:
            with self._lock:
                self._looking -= 1
                if not self._looking:
                    self._secure = None
                    self._holding.close()


_stage = _Stage()
PORTS: set[int] = set()  # that throw-away edges of this process have listened on, beside the edge's own


@contextmanager
def door(site: Site) -> Iterator[Secure]:
    """HTTPS for as long as the audit needs it; raises LabError or UnmeasuredError where there is none."""
    if files.is_on():
        edge, address = container(site.settings.project, "edge"), site.plan.address("edge")
        yield Secure(Door(address, PORT, address, tls=True), files.ca_file(), True, edge)
        return
    with _stage.shared(site) as secure:
        yield secure


@contextmanager
def _throw_away(site: Site) -> Iterator[Secure]:
    edge, address = container(site.settings.project, "edge"), site.plan.address("edge")
    with tempfile.TemporaryDirectory(prefix="audit-tls-", dir=paths.state()) as folder:
        ca_file = _certify(Path(folder), files.names(site.settings))
        port = TLS_PORT + int(uuid.uuid4().hex[:2], 16)  # another audit may be under way
        PORTS.update((port, port - TLS_PORT + PLAIN_PORT))
        name = _start(edge, Path(folder), port)
        try:
            found = Door(address, port, address, tls=True)
            _wait_for(found, name)
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
        *(body["Image"], "timeout", str(LONGEST), "/etc/nginx/lab/start.sh"),
    )
    return name


def _wait_for(found: Door, name: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not _answers(found):
        if time.monotonic() > deadline:
            said = docker("logs", name).strip().splitlines()[-1:] or ["it said nothing"]
            raise UnmeasuredError(f"the throw-away edge does not answer by HTTPS: {said[0]}")
        time.sleep(0.1)


def _answers(found: Door) -> bool:
    try:
        return not handshake_refused(found, found.address)
    except UnmeasuredError:
        return False
