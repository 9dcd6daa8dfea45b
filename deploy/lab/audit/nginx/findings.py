"""What gixy finds: a check for each weight, since every plugin has reasons of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from lab.audit.model import Check, Finding, Level
from lab.audit.nginx.evidence import Evidence

SHOW = "docker exec $(docker ps -qf label=com.docker.compose.service=edge) sh -c "
SHOW += "'nginx -T -q -e stderr -p $EDGE_RUN_DIR -c conf/nginx.conf' | .venv/bin/gixy -"
WEIGHTS = {
    "HIGH": ("high", Level.HIGH, "A stranger may read files, split answers or forge requests."),
    "MEDIUM": ("medium", Level.MEDIUM, "It makes the edge fail, or less safe than it looks."),
    "LOW": ("low", Level.LOW, "It loses headers on the way, or says more than it needs to."),
    "INFORMATION": ("no", Level.INFO, "It may be right, and is worth a second look."),
}


def _judge(severity: str) -> Callable[[Evidence], Iterable[Finding]]:
    def judge(evidence: Evidence) -> list[Finding]:
        return [Finding(one.file, one.said) for one in evidence.issues if one.severity == severity]

    return judge


CHECKS: tuple[Check[Evidence], ...] = tuple(
    Check(
        f"NGINX-GIXY-{level.name}",
        level,
        f"gixy finds nothing of {weight} weight in the configuration",
        why,
        "The plugin's page says how: https://gixy.getpagespeed.com",
        SHOW,
        _judge(severity),
    )
    for severity, (weight, level, why) in WEIGHTS.items()
)
