"""The edge's configuration: what gixy finds in it, and what this lab promises besides."""

from __future__ import annotations

from lab.audit.model import Family
from lab.audit.nginx import findings, limits, promises
from lab.audit.nginx.evidence import Evidence, gather

FAMILY: Family[Evidence] = Family(
    "nginx", "nginx", gather, (*findings.CHECKS, *promises.CHECKS, *limits.CHECKS)
)
