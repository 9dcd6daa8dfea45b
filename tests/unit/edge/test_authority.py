"""The lab's certificate authority: what it vouches for, and that OpenSSL agrees."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature

from lab.tls import authority

NAMES = ["10.10.10.1", "127.0.0.1", "localhost", ".lab.example"]
NOW = datetime.now(UTC)


def verify(tmp_path: Path, ca: authority.Pair, leaf: authority.Pair) -> subprocess.CompletedProcess[str]:
    (tmp_path / "ca.crt").write_bytes(ca.certificate_pem)
    (tmp_path / "edge.crt").write_bytes(leaf.certificate_pem)
    argv = ["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", "ca.crt", "edge.crt"]
    return subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)


def test_openssl_verifies_what_the_authority_signed(tmp_path: Path) -> None:
    ca = authority.make_authority(NAMES, NOW)
    done = verify(tmp_path, ca, authority.issue(ca, NAMES, NOW))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["bank.example", "10.10.10.2"])
def test_the_authority_cannot_vouch_for_others(tmp_path: Path, name: str) -> None:
    ca = authority.make_authority(NAMES, NOW)
    done = verify(tmp_path, ca, authority.issue(ca, [name], NOW))
    assert done.returncode != 0
    assert "permitted subtree violation" in done.stderr


def test_another_authority_of_the_same_name_is_not_believed(tmp_path: Path) -> None:
    impostor = authority.make_authority(NAMES, NOW)
    leaf = authority.issue(impostor, NAMES, NOW)
    real = authority.make_authority(NAMES, NOW)
    assert verify(tmp_path, real, leaf).returncode != 0
    with pytest.raises(InvalidSignature):
        leaf.certificate.verify_directly_issued_by(real.certificate)


def test_names_and_life() -> None:
    ca = authority.make_authority(NAMES, NOW)
    leaf = authority.issue(ca, NAMES, NOW).certificate
    assert authority.names_of(leaf) == [
        "10.10.10.1",
        "127.0.0.1",
        "localhost",
        "lab.example",
        "*.lab.example",
    ]
    assert leaf.not_valid_before_utc < NOW
    assert (leaf.not_valid_after_utc - NOW).days <= 365
    assert authority.permits(ca.certificate, NAMES)
    assert not authority.permits(ca.certificate, [*NAMES, "edge"])


def test_a_certificate_never_outlives_its_authority() -> None:
    ca = authority.make_authority(NAMES, NOW)
    late = ca.certificate.not_valid_after_utc - authority.EDGE_LIFE / 2
    leaf = authority.issue(ca, NAMES, late).certificate
    assert leaf.not_valid_after_utc == ca.certificate.not_valid_after_utc


def test_subject_hash_is_openssl_s(tmp_path: Path) -> None:
    path = tmp_path / "ca.crt"
    path.write_bytes(authority.make_authority(NAMES, NOW).certificate_pem)
    shown = subprocess.run(
        ["openssl", "x509", "-noout", "-hash", "-in", path], capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip() == authority.subject_hash()


def test_a_key_that_is_another_s_is_refused() -> None:
    one, other = (authority.make_authority(NAMES, NOW) for _ in range(2))
    with pytest.raises(ValueError, match="not the certificate's"):
        authority.load(one.certificate_pem, other.key_pem)
    assert authority.load(one.certificate_pem, one.key_pem).certificate == one.certificate
