"""HTTPS at the edge, as sslyze sees it."""

from __future__ import annotations

from lab.audit.model import Family
from lab.audit.tls.checks import CHECKS
from lab.audit.tls.evidence import Evidence, gather

FAMILY: Family[Evidence] = Family("tls", "tls", gather, CHECKS)
