"""Whether a secret of the lab is anywhere but in the files that are to hold it. None is ever printed."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from lab.audit.model import Check, Family, Finding, Level
from lab.audit.secrets.evidence import Evidence, gather

NEW_SECRETS = "then make new ones: rm -r .lab/secrets, empty the passwords in .env, make up"


def _in(part: str, *, build: bool = False) -> Callable[[Evidence], Iterable[Finding]]:
    return lambda evidence: evidence.findings(part, build=build)


CHECKS: tuple[Check[Evidence], ...] = (
    Check(
        "SEC-IMAGES",
        Level.HIGH,
        "No image holds a secret, in no layer and not in its history",
        "Images are given away; what a later layer deletes is in an earlier one still.",
        f"Mount it: --mount=type=secret in the Dockerfile, secrets: in docker-compose.yml; {NEW_SECRETS}.",
        "docker history --no-trunc ticketlab/app",
        _in("images"),
    ),
    Check(
        "SEC-BUILD",
        Level.MEDIUM,
        "No image holds what the VM told the build: package indexes, proxies, its own authorities",
        "They can hold names and passwords of a campus network, and an authority that others must not trust.",
        "Hand them over with RUN --mount=type=secret, as deploy/images/Dockerfile does.",
        "docker run --rm ticketlab/app cat /etc/pip.conf",
        _in("images", build=True),
    ),
    Check(
        "SEC-ENVIRONMENT",
        Level.HIGH,
        "No host has a secret in its environment or on a command line",
        "Both are shown by docker inspect, inherited by every program, and written into error reports.",
        f"Give it as a file (secrets: in docker-compose.yml, NAME_FILE for NAME); {NEW_SECRETS}.",
        "docker inspect --format '{{.Name}} {{.Config.Env}}' $(docker ps -q)",
        _in("environment"),
    ),
    Check(
        "SEC-LOGS",
        Level.HIGH,
        "No host's log holds a secret or an access token",
        "Logs are read by many, copied, and kept.",
        f"Log names, not values; make down and make up end the old log; {NEW_SECRETS}.",
        "make logs HOST=app1",
        _in("logs"),
    ),
    Check(
        "SEC-GIT",
        Level.HIGH,
        "No file that git tracks is or holds a secret",
        "The next push gives it to everybody.",
        f"git rm --cached FILE, a line in .gitignore; {NEW_SECRETS}.",
        "git ls-files .env .lab",
        _in("tracked"),
    ),
    Check(
        "SEC-HISTORY",
        Level.HIGH,
        "No commit ever held a secret",
        "What was committed once can be fetched for ever, deleted or not.",
        f"A secret that was out is one no more: {NEW_SECRETS}.",
        "git log --all --find-object=OBJECT",
        _in("history"),
    ),
    Check(
        "SEC-MODES",
        Level.MEDIUM,
        "Only their owner can read .env and the folders of secrets",
        "Others who have a login on this VM would read every password.",
        "chmod 600 .env; chmod 700 .lab/secrets .lab/build-secrets .lab/tls",
        "ls -ld .env .lab/*",
        _in("modes"),
    ),
)

FAMILY = Family(name="secrets", threat="secrets", gather=gather, checks=CHECKS)
