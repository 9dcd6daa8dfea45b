"""The API against its own schema: no 5xx, and nothing that the schema does not say.

`make fuzz` draws other requests each time, EXAMPLES of each operation; without it, always the same few.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
import schemathesis
import yaml
from django.core.wsgi import get_wsgi_application
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure
from schemathesis.core.transport import Response

from lab import paths
from tests.fuzz import judging
from tests.fuzz.seeding import CALLERS, DEPARTMENTS, TICKETS, token

EXAMPLES = os.environ.get("EXAMPLES")
CONFIG = SchemathesisConfig.from_dict(
    {
        "generation": {
            "max-examples": int(EXAMPLES or 10),
            "deterministic": not EXAMPLES,
            # Made-up tokens would have all of the requests refused; `ignored_auth` sends those it needs.
            "with-security-parameters": False,
        },
        "warnings": False,
    }
    | ({} if EXAMPLES else {"seed": 0})
)
schema = schemathesis.openapi.from_dict(
    yaml.safe_load((paths.ROOT / "docs/openapi.yaml").read_text()), config=CONFIG
)
schema.app = get_wsgi_application()


@schema.hook
def map_path_parameters(
    context: schemathesis.HookContext, path_parameters: dict[str, Any] | None
) -> dict[str, Any] | None:
    """Ids that are there, two times in three; of 10^18 numbers none would be."""
    if path_parameters is None:
        return None
    return {name: _near(value, TICKETS * 3 // 2) for name, value in path_parameters.items()}


@schema.hook
def map_body(context: schemathesis.HookContext, body: object) -> object:
    """Departments and people that are there."""
    if not isinstance(body, dict):
        return body
    there = {"department": DEPARTMENTS, "assignee": len(CALLERS) - 1}
    known = {name: 1 + body[name] % count for name, count in there.items() if type(body.get(name)) is int}
    return body | known


@schema.hook
def filter_failure(
    context: schemathesis.HookContext, failure: Failure, case: schemathesis.Case[Any], response: Response
) -> bool:
    return judging.is_a_mistake(failure, case, response)


@pytest.mark.usefixtures("_seeded")
@pytest.mark.parametrize("caller", CALLERS)
@schema.parametrize()
def test_every_answer_is_as_the_schema_says(case: schemathesis.Case[Any], caller: str) -> None:
    known = token(caller)
    case.call_and_validate(headers={"Authorization": f"Bearer {known}"} if known else None)


def _near(value: object, most: int) -> object:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return str(1 + int(value) % most)
    return value
