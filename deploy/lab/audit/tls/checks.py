"""Mozilla's intermediate profile, check by check, and what it leaves out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

from lab.audit.model import Check, Finding, Level
from lab.audit.tls.evidence import Evidence, covered

EDGE = "edge:443"
CONFIGURED = "nginx/tls.conf has Mozilla's intermediate profile; compare with ssl-config.mozilla.org."
ENDS_SOON = timedelta(days=7)
LIFE = timedelta(days=366)  # Mozilla's profile


def _profile(*keys: str) -> Callable[[Evidence], Iterable[Finding]]:
    """A judge of what sslyze's check against the profile says under these keys."""

    def judge(evidence: Evidence) -> list[Finding]:
        return [Finding(EDGE, evidence.issues[key]) for key in keys if key in evidence.issues]

    return judge


def _else(evidence: Evidence) -> Iterable[Finding]:
    known = {key for check in CHECKS for key in KEYS.get(check.id, ())}
    return [Finding(EDGE, seen) for key, seen in evidence.issues.items() if key not in known]


def _life(evidence: Evidence) -> Iterable[Finding]:
    if evidence.valid_until - evidence.valid_from > LIFE:
        yield Finding(EDGE, f"it is valid for {(evidence.valid_until - evidence.valid_from).days} days")
    if not evidence.valid_from <= evidence.now < evidence.valid_until:
        yield Finding(EDGE, f"it is valid from {evidence.valid_from:%F} to {evidence.valid_until:%F} only")
    elif evidence.valid_until - evidence.now < ENDS_SOON:
        yield Finding(EDGE, f"it ends on {evidence.valid_until:%F}")


def _names(evidence: Evidence) -> Iterable[Finding]:
    return [
        Finding(EDGE, f"it is not for {name}")
        for name in evidence.wanted
        if not covered(name, evidence.names)
    ]


def _offered(evidence: Evidence) -> Iterable[Finding]:
    return [] if evidence.offered else [Finding("edge", "HTTPS is off")]


# Which of sslyze's keys a check is about.
KEYS: dict[str, tuple[str, ...]] = {
    "TLS-VERSIONS": ("tls_versions",),
    "TLS-CIPHERS": ("ciphers", "ciphersuites"),
    "TLS-EXCHANGE": ("tls_curves", "ecdh_param_size", "dh_param_size"),
    "TLS-KEY": ("certificate_types", "certificate_curves", "certificate_signatures", "rsa_key_size"),
    "TLS-CHAIN": ("certificate_path_validation",),
    "TLS-LIFE": ("maximum_certificate_lifespan",),  # judged by the dates themselves
    "TLS-HEARTBLEED": ("tls_vulnerability_heartbleed",),
    "TLS-CCS": ("tls_vulnerability_ccs_injection",),
    "TLS-ROBOT": ("tls_vulnerability_robot",),
    "TLS-COMPRESSION": ("tls_vulnerability_compression",),
    "TLS-RENEGOTIATION": ("tls_vulnerability_renegotiation",),
    "TLS-FALLBACK": ("tls_vulnerability_fallback_scsv",),
    "TLS-EMS": ("tls_vulnerability_extended_master_secret",),
}


def _renegotiation(evidence: Evidence) -> Iterable[Finding]:
    yield from _profile(*KEYS["TLS-RENEGOTIATION"])(evidence)
    if evidence.renegotiates:
        yield Finding(EDGE, "a client may ask for new handshakes on one connection, again and again")


def _early(evidence: Evidence) -> Iterable[Finding]:
    return [Finding(EDGE, "early data (0-RTT) is taken")] if evidence.early_data else []


def _row(
    id_: str, level: Level, title: str, why: str, fix: str = CONFIGURED, command: str = ""
) -> Check[Evidence]:
    shown = command or "make tls && .venv/bin/python -m sslyze --mozilla_config=intermediate 10.10.10.1"
    return Check(id_, level, title, why, fix, shown, JUDGES.get(id_) or _profile(*KEYS[id_]))


JUDGES: dict[str, Callable[[Evidence], Iterable[Finding]]] = {
    "TLS-LIFE": _life,
    "TLS-NAMES": _names,
    "TLS-RENEGOTIATION": _renegotiation,
    "TLS-EARLY-DATA": _early,
    "TLS-ELSE": _else,
    "TLS-ON": _offered,
}
ANEW = "make tls makes a new certificate where the old one will not do."
LOOK = "make tls && openssl s_client -connect 10.10.10.1:443 </dev/null | openssl x509 -noout -text"
PATCH = "Build the images anew, with today's OpenSSL: make up"
CHECKS: tuple[Check[Evidence], ...] = (
    _row(
        "TLS-VERSIONS",
        Level.HIGH,
        "The edge speaks TLS 1.2 and 1.3, and nothing older",
        "SSL 3 and TLS 1.0 and 1.1 have holes of their own (POODLE, BEAST) and weak hashes.",
    ),
    _row(
        "TLS-CIPHERS",
        Level.HIGH,
        "Every cipher suite is authenticated encryption with forward secrecy",
        "What is recorded today could be read once the certificate's key is known.",
    ),
    _row(
        "TLS-EXCHANGE",
        Level.MEDIUM,
        "Keys are exchanged over strong curves only",
        "A short group is broken once for everybody who uses it (Logjam).",
    ),
    _row(
        "TLS-KEY",
        Level.HIGH,
        "The certificate's key and signature are strong",
        "Who finds the key poses as the service.",
        ANEW,
        LOOK,
    ),
    _row(
        "TLS-CHAIN",
        Level.HIGH,
        "The certificate is vouched for by the lab's authority",
        "What nobody vouches for, users learn to click away.",
        ANEW,
        LOOK,
    ),
    _row(
        "TLS-LIFE",
        Level.MEDIUM,
        "The certificate is valid today, next week, and for a year at most",
        "A lost key is good for as long as its certificate; an ended one stops the service.",
        ANEW,
        LOOK,
    ),
    _row(
        "TLS-NAMES",
        Level.MEDIUM,
        "The certificate is for every name and address of the service",
        "A client that asks for another one is warned, and learns to ignore warnings.",
        ANEW,
        LOOK,
    ),
    _row(
        "TLS-HEARTBLEED",
        Level.HIGH,
        "The edge's memory cannot be read by a heartbeat (CVE-2014-0160)",
        "Keys and passwords lie in it.",
        PATCH,
    ),
    _row(
        "TLS-CCS",
        Level.HIGH,
        "No early ChangeCipherSpec makes the keys known (CVE-2014-0224)",
        "Somebody between the two ends reads and changes everything.",
        PATCH,
    ),
    _row(
        "TLS-ROBOT",
        Level.HIGH,
        "No answer to bad padding helps to decrypt (ROBOT)",
        "RSA key exchange with an oracle lets recorded connections be read.",
    ),
    _row(
        "TLS-COMPRESSION",
        Level.HIGH,
        "TLS does not compress",
        "The length of what is compressed gives cookies away, letter by letter (CRIME).",
        PATCH,
    ),
    _row(
        "TLS-RENEGOTIATION",
        Level.MEDIUM,
        "No connection is renegotiated at a client's wish",
        "Insecure, it lets others' words in; secure, it costs the edge far more than the client.",
        PATCH,
    ),
    _row(
        "TLS-FALLBACK",
        Level.MEDIUM,
        "A client that was pushed to an older version is told (TLS_FALLBACK_SCSV)",
        "Who breaks the first handshakes would choose the version.",
        PATCH,
    ),
    _row(
        "TLS-EMS",
        Level.MEDIUM,
        "Sessions are bound to their handshake (extended master secret)",
        "Two sessions of one secret could be mixed up (triple handshake).",
        PATCH,
    ),
    _row(
        "TLS-EARLY-DATA",
        Level.MEDIUM,
        "No early data is taken",
        "It can be sent again by anybody who recorded it: a ticket filed twice.",
        "Take ssl_early_data out of the Nginx configuration.",
    ),
    _row(
        "TLS-ELSE",
        Level.LOW,
        "Mozilla's profile has nothing else to say",
        "A newer sslyze may look for more than the checks above.",
    ),
    _row(
        "TLS-ON",
        Level.INFO,
        "The service is offered over HTTPS",
        "By HTTP anybody on the way reads passwords and tokens: here that is an exercise. The other checks "
        "look at a throw-away edge of the same configuration.",
        "make tls",
        "curl -sk https://10.10.10.1/healthz",
    ),
)
