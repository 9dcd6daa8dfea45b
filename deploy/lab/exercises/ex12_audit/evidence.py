"""What the running lab shows of the weaknesses: each part is looked at once in a check, when it is asked for.

What cannot be looked at raises LabError (exit code 3): it is never taken for mended.
"""

from __future__ import annotations

import json
import socket
import ssl
import stat
from functools import cached_property
from typing import Any

from lab import paths
from lab.audit import containers, django, nginx
from lab.audit.django.evidence import Evidence as DjangoEvidence
from lab.audit.model import Family, Site, UnmeasuredError
from lab.audit.secrets.evidence import modes
from lab.audit.secrets.known import secrets
from lab.engine import container, docker
from lab.errors import ExitCode, LabError
from lab.exercises.bench import RunningLab
from lab.exercises.ex12_audit import people
from lab.exercises.ex12_audit.drawn import GUESSABLE, PASSWORDS, Drawn
from lab.firewall.probe import TCP

SILENT = 124  # what `timeout` exits with
PATIENCE = "1.5"  # seconds without an answer that count as dropped, as in make firewall-test
STOPPED = ("No route to host", "Permission denied", "unreachable")  # a router said so, not the target


class Look:
    """One look at the lab."""

    def __init__(self, lab: RunningLab, drawn: Drawn) -> None:
        self.lab, self.drawn = lab, drawn
        self.site = Site(lab.settings, lab.plan)

    def promise(self, check: str) -> list[str]:
        """What one of the audit's checks finds, before any waiver."""
        family, evidence = next(
            (family, evidence)
            for family, evidence in self._families
            if any(check == one.id for one in family.checks)
        )
        judge = next(one.judge for one in family.checks if one.id == check)
        try:
            return [f"{finding.where}: {finding.seen}" for finding in judge(evidence())]
        except UnmeasuredError as error:
            raise LabError(f"{check} could not be looked at: {error}", ExitCode.UNMEASURED) from error

    @property
    def _families(self) -> list[tuple[Family[Any], Any]]:
        return [
            (nginx.FAMILY, lambda: self.nginx),
            (containers.FAMILY, lambda: self._containers),
            (django.FAMILY, lambda: DjangoEvidence("", self.app.settings)),
        ]

    @cached_property
    def nginx(self) -> Any:  # noqa: ANN401  # the evidence of the audit's family
        """The configuration of the running edge."""
        return self._gathered(nginx.FAMILY)

    @cached_property
    def _containers(self) -> Any:  # noqa: ANN401  # as above
        return self._gathered(containers.FAMILY)

    @cached_property
    def app(self) -> people.Seen:
        """What the application says of its settings, and of the account that is wrong."""
        guesses = PASSWORDS if GUESSABLE in self.drawn.words else ()
        return people.seen(self.lab, self.drawn.accounts[0], guesses)

    def _gathered(self, family: Family[Any]) -> Any:  # noqa: ANN401  # as above
        try:
            return family.gather(self.site)
        except UnmeasuredError as error:
            raise LabError(f"{family.name} could not be looked at: {error}", ExitCode.UNMEASURED) from error

    def directives(self, name: str) -> list[tuple[str, ...]]:
        """The arguments of each directive of this name at http level."""
        return [one.args for one in self.nginx.named(name, "http")]

    def let_through(self, host: str, address: str, port: int) -> bool:
        """Whether a connection reaches its target: it is taken there, or the target itself refuses it."""
        done = self.lab.tried(host, "timeout", PATIENCE, "bash", "-c", TCP, address, str(port))
        if done.returncode == 0 or "refused" in done.stderr:
            return True
        if done.returncode == SILENT or any(words in done.stderr for words in STOPPED):
            return False
        raise LabError(f"{host} could not send to {address}: {done.stderr.strip()}", ExitCode.UNMEASURED)

    def takes_cipher(self, suite: str) -> bool:
        """Whether the edge agrees on TLS 1.2 with this cipher suite."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(suite)
        try:
            with socket.create_connection((self.lab.address("edge"), 443), timeout=5) as plain:
                context.wrap_socket(plain).close()
        except ssl.SSLError:
            return False
        except OSError as error:
            said = (
                f"the edge does not answer by HTTPS ({error}), which make start EX=12 switched on; make tls"
            )
            raise LabError(said, ExitCode.UNMEASURED) from error
        return True

    def passwords_in_environment(self) -> list[str]:
        """Which of the lab's secrets stand in the environment of a host, by name."""
        known = {name: value.decode() for name, value in secrets(self.lab.settings).items()}
        found = []
        for host in ("edge", "app1", "app2"):
            body = json.loads(docker("inspect", container(self.lab.settings.project, host)))[0]
            environment = "\n".join(body["Config"]["Env"])
            found += [f"{host}: {name}" for name, value in known.items() if value in environment]
        return found


def env_is_open() -> list[str]:
    """Whether others than its owner can read .env."""
    return [f"{hit.where}: {hit.secret}" for hit in modes([paths.env_file()])]


def env_mode() -> int:
    """The mode of .env."""
    return stat.S_IMODE(paths.env_file().stat().st_mode)
