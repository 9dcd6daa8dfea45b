"""The files of HTTPS in the state folder: made when they are needed, renewed when they must be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from lab import paths
from lab.errors import LabError
from lab.settings import Settings
from lab.tls import authority
from lab.tls.authority import Pair

TRUSTING = ("client", "locust", "worker")  # the hosts that have a folder for trusted authorities
RENEW_BEFORE = timedelta(days=30)
OPTIONS = ("redirect", "hsts", "tls1.3-only")  # the words that nginx/render.sh knows


def folder() -> Path:
    """Where all of it is."""
    return paths.state() / "tls"


def prepare() -> None:
    """Make the folders that Compose mounts, so that the engine does not make them as root."""
    for part in ("edge", *(f"trust/{host}" for host in TRUSTING)):
        (folder() / part).mkdir(parents=True, exist_ok=True)
    # Containers' users must be able to read what is mounted, so it is this folder that keeps others out.
    folder().chmod(0o700)


def names(settings: Settings) -> list[str]:
    """What the edge is called: by its clients (ALLOWED_HOSTS), by the VM, and within the lab."""
    given = settings["ALLOWED_HOSTS"].split(",")
    return list(dict.fromkeys([*given, "localhost", "127.0.0.1", "edge"]))


def is_on() -> bool:
    """Whether the edge has a certificate, which is what switches HTTPS on."""
    return (folder() / "edge/edge.crt").exists()


def options() -> list[str]:
    """The words that choose how HTTPS behaves."""
    path = folder() / "edge/options"
    return path.read_text().split() if path.exists() else []


def set_options(words: Sequence[str]) -> None:
    """Choose how HTTPS behaves, at the edge's next rendering."""
    _write(folder() / "edge/options", "".join(f"{word}\n" for word in words).encode(), 0o644)


def renew(settings: Settings, now: datetime) -> list[str]:
    """Make whatever certificate is missing, about to end, or for other names; say what was made.

    A client that trusted the authority before trusts the new one as well.
    """
    prepare()
    made = []
    wanted = names(settings)
    ca = _load("ca.crt", "ca.key")
    if ca is None or not _lasts(ca, now) or not authority.permits(ca.certificate, wanted):
        ca = authority.make_authority(wanted, now)
        _store(ca, "ca.crt", "ca.key", key_mode=0o600)
        for host in trusting():
            trust(host)
        made.append("a certificate authority")
    edge = _load("edge/edge.crt", "edge/edge.key")
    if edge is None or not _lasts(edge, now) or not _is_signed(edge, ca) or not _is_for(edge, wanted):
        _store(authority.issue(ca, wanted, now), "edge/edge.crt", "edge/edge.key", key_mode=0o644)
        made.append("a certificate for the edge")
    return made


def refresh(settings: Settings) -> None:
    """What `up` does: the folders, and certificates for today's names if HTTPS is on."""
    prepare()
    if is_on():
        renew(settings, authority.utc_now())


def remove_edge() -> None:
    """Switch HTTPS off at the edge's next rendering; the authority stays, and so does the trust in it."""
    for name in ("edge.crt", "edge.key", "options"):
        (folder() / "edge" / name).unlink(missing_ok=True)


def ca_file() -> Path:
    """The authority's certificate; raises LabError while there is none."""
    path = folder() / "ca.crt"
    if not path.exists():
        raise LabError("the lab has no certificate authority yet; run: make tls")
    return path


def certificate(name: str) -> x509.Certificate:
    """One of the certificates: ca.crt, or edge/edge.crt."""
    return x509.load_pem_x509_certificate((folder() / name).read_bytes())


def trusting() -> list[str]:
    """The hosts that trust the authority."""
    return [host for host in TRUSTING if _anchor(host).exists()]


def trust(host: str) -> None:
    """Let a host trust the authority; it does at once, since the folder is mounted there."""
    prepare()
    _write(_anchor(host), ca_file().read_bytes(), 0o644)


def distrust(host: str) -> None:
    """Undo `trust`."""
    _anchor(host).unlink(missing_ok=True)


def _anchor(host: str) -> Path:
    return folder() / "trust" / host / f"{authority.subject_hash()}.0"


def _load(certificate_name: str, key_name: str) -> Pair | None:
    try:
        return authority.load((folder() / certificate_name).read_bytes(), (folder() / key_name).read_bytes())
    except (FileNotFoundError, ValueError):
        return None


def _store(pair: Pair, certificate_name: str, key_name: str, *, key_mode: int) -> None:
    # The key first: while HTTPS is off, the certificate's presence is what switches it on.
    _write(folder() / key_name, pair.key_pem, key_mode)
    _write(folder() / certificate_name, pair.certificate_pem, 0o644)


def _write(path: Path, content: bytes, mode: int) -> None:
    """Whole or not at all, and never readable by more than `mode` says."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    new.write_bytes(content)
    new.chmod(mode)
    new.replace(path)


def _lasts(pair: Pair, now: datetime) -> bool:
    valid = pair.certificate
    return valid.not_valid_before_utc <= now < valid.not_valid_after_utc - RENEW_BEFORE


def _is_signed(edge: Pair, ca: Pair) -> bool:
    try:
        edge.certificate.verify_directly_issued_by(ca.certificate)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _is_for(edge: Pair, wanted: Sequence[str]) -> bool:
    plain = {name.lstrip(".") for name in wanted}
    return plain == {name for name in authority.names_of(edge.certificate) if not name.startswith("*")}
