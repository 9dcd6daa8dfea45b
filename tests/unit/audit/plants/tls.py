"""What sslyze finds of HTTPS in order, and with a weakness."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

from lab.audit.tls.evidence import Evidence
from tests.unit.audit.planting import Plant

NOW = datetime(2027, 3, 1, tzinfo=UTC)
EDGE = "edge:443"
CLEAN = Evidence(
    issues={},
    renegotiates=False,
    early_data=False,
    valid_from=NOW - timedelta(days=100),
    valid_until=NOW + timedelta(days=265),
    now=NOW,
    names=("10.10.10.1", "edge", "lab.example", "*.lab.example"),
    wanted=("10.10.10.1", "edge", ".lab.example", "www.lab.example"),
    offered=True,
)


def issue(check: str, key: str) -> Plant:
    """What sslyze's check against the profile says under this key."""
    return Plant(check, key, dataclasses.replace(CLEAN, issues={key: "should be rejected"}), EDGE)


def valid(start: int, end: int) -> Evidence:
    """A certificate valid from and until so many days from now."""
    first, last = NOW + timedelta(days=start), NOW + timedelta(days=end)
    return dataclasses.replace(CLEAN, valid_from=first, valid_until=last)


PLANTS = [
    issue("TLS-VERSIONS", "tls_versions"),
    issue("TLS-CIPHERS", "ciphers"),
    issue("TLS-CIPHERS", "ciphersuites"),
    issue("TLS-EXCHANGE", "tls_curves"),
    issue("TLS-EXCHANGE", "dh_param_size"),
    issue("TLS-KEY", "certificate_types"),
    issue("TLS-KEY", "rsa_key_size"),
    issue("TLS-CHAIN", "certificate_path_validation"),
    Plant("TLS-LIFE", "of two years", valid(-1, 729), EDGE),
    Plant("TLS-LIFE", "at an end", valid(-300, -1), EDGE),
    Plant("TLS-LIFE", "not begun", valid(1, 100), EDGE),
    Plant("TLS-LIFE", "ends tomorrow", valid(-300, 1), EDGE),
    Plant("TLS-NAMES", "another address", dataclasses.replace(CLEAN, wanted=("10.10.10.2",)), EDGE),
    Plant("TLS-NAMES", "two levels down", dataclasses.replace(CLEAN, wanted=("a.b.lab.example",)), EDGE),
    issue("TLS-HEARTBLEED", "tls_vulnerability_heartbleed"),
    issue("TLS-CCS", "tls_vulnerability_ccs_injection"),
    issue("TLS-ROBOT", "tls_vulnerability_robot"),
    issue("TLS-COMPRESSION", "tls_vulnerability_compression"),
    issue("TLS-RENEGOTIATION", "tls_vulnerability_renegotiation"),
    Plant("TLS-RENEGOTIATION", "at a client's wish", dataclasses.replace(CLEAN, renegotiates=True), EDGE),
    issue("TLS-FALLBACK", "tls_vulnerability_fallback_scsv"),
    issue("TLS-EMS", "tls_vulnerability_extended_master_secret"),
    Plant("TLS-EARLY-DATA", "0-RTT", dataclasses.replace(CLEAN, early_data=True), EDGE),
    issue("TLS-ELSE", "hsts_min_age"),
    Plant("TLS-ON", "off", dataclasses.replace(CLEAN, offered=False), "edge"),
]
