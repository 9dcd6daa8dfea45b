"""The lab's certificate authority, and the certificates that it signs."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha1

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CA_LIFE = timedelta(days=5 * 365)
EDGE_LIFE = timedelta(days=365)  # Mozilla asks for 366 at most, browsers refuse more than 398
SKEW = timedelta(hours=1)  # VMs' clocks differ: certificates count as valid from a little earlier on
# OpenSSL finds an authority by a hash over its subject in a canonical form: lower case, single spaces. This
# name is in that form already, so that `subject_hash` needs no more than the hash.
SUBJECT = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ticketlab certificate authority")])


@dataclass(frozen=True)
class Pair:
    """A certificate and its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def certificate_pem(self) -> bytes:
        """The certificate, as a file has it."""
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """The private key, as a file has it: not encrypted."""
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def load(certificate: bytes, key: bytes) -> Pair:
    """A pair from its two PEM files; raises ValueError if they are not one."""
    found = load_pem_private_key(key, password=None)
    parsed = x509.load_pem_x509_certificate(certificate)
    if not isinstance(found, ec.EllipticCurvePrivateKey) or parsed.public_key() != found.public_key():
        raise ValueError("the key is not the certificate's")
    return Pair(parsed, found)


def make_authority(names: Sequence[str], now: datetime) -> Pair:
    """An authority that can vouch for these names and addresses only.

    Its name constraints (RFC 5280, 4.2.1.10) make it safe to trust: with its key somebody could pose as the
    lab, but not as a bank.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    permitted = [_constraint(name) for name in names]
    unsigned = (
        _begin(SUBJECT, key, now, CA_LIFE)
        .issuer_name(SUBJECT)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
    )
    return Pair(unsigned.sign(key, SHA256()), key)


def issue(authority: Pair, names: Sequence[str], now: datetime) -> Pair:
    """A server's certificate for these names and addresses; it ends no later than the authority's own."""
    key = ec.generate_private_key(ec.SECP256R1())
    life = min(EDGE_LIFE, authority.certificate.not_valid_after_utc - now)
    signer = authority.certificate
    identifier = signer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    unsigned = (
        _begin(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ticketlab edge")]), key, now, life)
        .issuer_name(signer.subject)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(_alternatives(names)), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False
        )
    )
    return Pair(unsigned.sign(authority.key, SHA256()), key)


def names_of(certificate: x509.Certificate) -> list[str]:
    """The names and addresses that a server's certificate is for."""
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return [str(name.value) for name in found]


def permits(authority: x509.Certificate, names: Sequence[str]) -> bool:
    """Whether the authority is exactly the one for these names."""
    constraints = authority.extensions.get_extension_for_class(x509.NameConstraints).value
    return set(constraints.permitted_subtrees or ()) == {_constraint(name) for name in names}


def subject_hash() -> str:
    """What OpenSSL's `x509 -hash` says of the authority: among trusted ones its file is <hash>.0."""
    header = 2  # the sequence's own tag and length, which are no part of the canonical form
    digest = sha1(SUBJECT.public_bytes()[header:], usedforsecurity=False).digest()
    return digest[3::-1].hex()


def fingerprint(certificate: x509.Certificate) -> str:
    """The SHA-256 fingerprint, in the form that browsers and openssl show."""
    return certificate.fingerprint(SHA256()).hex(":").upper()


def _begin(
    subject: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _address(name: str) -> ipaddress.IPv4Address | None:
    try:
        return ipaddress.IPv4Address(name)
    except ValueError:
        return None


def _constraint(name: str) -> x509.GeneralName:
    address = _address(name)
    if address:
        return x509.IPAddress(ipaddress.IPv4Network(address))
    return x509.DNSName(name.lstrip("."))


def _alternatives(names: Sequence[str]) -> list[x509.GeneralName]:
    found: list[x509.GeneralName] = []
    for name in names:
        address = _address(name)
        if address:
            found.append(x509.IPAddress(address))
            continue
        found.append(x509.DNSName(name.lstrip(".")))
        if name.startswith("."):  # Django's way to say "and all below"
            found.append(x509.DNSName(f"*{name}"))
    return found


def utc_now() -> datetime:
    """The time, as certificates count it."""
    return datetime.now(UTC)
