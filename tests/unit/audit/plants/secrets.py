"""Where secrets were found. How they are found is in tests/unit/audit/test_secrets.py."""

from __future__ import annotations

from lab.audit.secrets.evidence import Evidence, Part
from lab.audit.secrets.scan import Hit
from tests.unit.audit.planting import Plant

NOTHING: dict[str, Part] = dict.fromkeys(("images", "environment", "logs", "tracked", "history", "modes"), ())
CLEAN = Evidence(NOTHING)


def plant(check: str, part: str, where: str, secret: str) -> Plant:
    """One secret that was found in one part."""
    return Plant(check, f"{secret} in {part}", Evidence({**NOTHING, part: (Hit(where, secret),)}), where)


PLANTS = [
    plant("SEC-IMAGES", "images", "ticketlab/app: /srv/app/.env", "STUDENT1_PASSWORD"),
    plant("SEC-BUILD", "images", "ticketlab/app: /etc/pip.conf", "the VM's pip.conf, setting 1"),
    plant("SEC-ENVIRONMENT", "environment", "app1", "secrets/secret_key"),
    plant("SEC-LOGS", "logs", "edge", "an access token"),
    plant("SEC-GIT", "tracked", ".env", "is tracked"),
    plant("SEC-HISTORY", "history", "0a1b2c3d4e5f", "secrets/secret_key"),
    plant("SEC-MODES", "modes", ".env", "its mode is 644"),
]
