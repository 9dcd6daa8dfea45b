"""What sslyze, offline, finds of the edge's HTTPS, held against Mozilla's intermediate profile.

The profile is the one that comes with sslyze, and so its version is pinned with the package.
"""

from __future__ import annotations

import ipaddress
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.utils import CryptographyDeprecationWarning
from sslyze import (
    CertificateInfoExtraArgument,
    ScanCommand,
    ScanCommandsExtraArguments,
    Scanner,
    ServerNetworkLocation,
    ServerScanRequest,
)
from sslyze.mozilla_tls_profile.tls_config_checker import (
    SCAN_COMMANDS_NEEDED_BY_MOZILLA_CHECKER,
    MozillaTlsConfiguration,
    ServerNotCompliantWithTlsConfiguration,
    ServerScanResultIncomplete,
    TlsConfigurationEnum,
    check_server_against_tls_configuration,
)

from lab.audit import stage
from lab.audit.model import Site, UnmeasuredError
from lab.audit.stage import Secure
from lab.tls import authority, files

# Of authorities in the lists that come with sslyze; none of them is ours.
warnings.filterwarnings("ignore", "Parsed a serial number", CryptographyDeprecationWarning)

COMMANDS = SCAN_COMMANDS_NEEDED_BY_MOZILLA_CHECKER | {ScanCommand.TLS_1_3_EARLY_DATA}


@dataclass(frozen=True)
class Evidence:
    """What was found. `issues` are the profile's, by sslyze's own keys (tls_versions, ciphers, …)."""

    issues: Mapping[str, str]
    renegotiates: bool  # whenever a client asks for it
    early_data: bool
    valid_from: datetime
    valid_until: datetime
    now: datetime
    names: Sequence[str]  # of the certificate
    wanted: Sequence[str]  # what clients call the edge
    offered: bool  # by the lab itself, not by a throw-away edge


def gather(site: Site) -> Evidence:
    """Scan the edge, or a throw-away one where HTTPS is off; raises UnmeasuredError if it cannot be done."""
    with stage.door(site) as secure:
        return scan(secure, files.names(site.settings))


def scan(secure: Secure, wanted: Sequence[str]) -> Evidence:
    """The same of any HTTPS: of the tests', too."""
    result = _scan(secure)
    issues, found = _issues(result), result.scan_result  # first, since it makes sure that all is there
    leaf = found.certificate_info.result.certificate_deployments[0].received_certificate_chain[0]
    return Evidence(
        issues=issues,
        renegotiates=found.session_renegotiation.result.is_vulnerable_to_client_renegotiation_dos,
        early_data=found.tls_1_3_early_data.result.supports_early_data,
        valid_from=leaf.not_valid_before_utc,
        valid_until=leaf.not_valid_after_utc,
        now=authority.utc_now(),
        names=tuple(_names(leaf)),
        wanted=tuple(wanted),
        offered=secure.offered,
    )


def _scan(secure: Secure) -> Any:  # noqa: ANN401  # sslyze's own type, whose parts are optional
    scanner = Scanner()
    scanner.queue_scans([_request(secure)])
    result = next(iter(scanner.get_results()))
    if result.scan_result is None:
        where = f"{secure.door.address}:{secure.door.port}"
        raise UnmeasuredError(f"sslyze could not connect to {where}; see: make logs HOST=edge")
    return result


def _request(secure: Secure) -> ServerScanRequest:
    return ServerScanRequest(
        ServerNetworkLocation(secure.door.name, secure.door.port, secure.door.address),
        scan_commands=COMMANDS,
        scan_commands_extra_arguments=ScanCommandsExtraArguments(
            certificate_info=CertificateInfoExtraArgument(custom_ca_file=secure.authority)
        ),
    )


def _issues(result: Any) -> dict[str, str]:  # noqa: ANN401  # as above
    profile = MozillaTlsConfiguration.get(TlsConfigurationEnum.MOZILLA_INTERMEDIATE)
    try:
        check_server_against_tls_configuration(result, profile)
    except ServerNotCompliantWithTlsConfiguration as error:
        issues = dict(error.issues)
        # These are about older versions, and not answered where there is none (make tls TLS13=1).
        if not result.scan_result.tls_1_2_cipher_suites.result.is_tls_version_supported:
            issues.pop("tls_vulnerability_fallback_scsv", None)
            issues.pop("tls_vulnerability_extended_master_secret", None)
            issues.pop("tls_vulnerability_renegotiation", None)
        return issues
    except ServerScanResultIncomplete as error:
        raise UnmeasuredError(f"sslyze did not finish ({error} {_errors(result)}); try again") from error
    return {}


def _errors(result: Any) -> str:  # noqa: ANN401  # as above
    attempts = [getattr(result.scan_result, command.value) for command in COMMANDS]
    return "; ".join(str(attempt.error_trace.exc_type) for attempt in attempts if attempt.error_trace)


def _names(leaf: x509.Certificate) -> list[str]:
    try:
        return authority.names_of(leaf)
    except x509.ExtensionNotFound:
        return []


def covered(name: str, names: Sequence[str]) -> bool:
    """Whether a certificate of these names is good for a name or address that clients use."""
    bare = name.lstrip(".")
    try:
        return str(ipaddress.ip_address(bare)) in names
    except ValueError:
        return bare in names or f"*.{bare.partition('.')[2]}" in names
