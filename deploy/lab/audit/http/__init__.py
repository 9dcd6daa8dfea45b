"""What the edge says to strangers: headers and cookies, and what it refuses."""

from __future__ import annotations

from lab.audit.http import beliefs, headers, refusals
from lab.audit.http.asking import gather
from lab.audit.http.evidence import Evidence
from lab.audit.model import Family

FAMILY: Family[Evidence] = Family(
    "http", "http", gather, (*headers.CHECKS, *refusals.CHECKS, *beliefs.CHECKS)
)
