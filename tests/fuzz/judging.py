"""Where schemathesis judges wrongly by design, and why. All else that it finds is a mistake.

A schema says what a request looks like, not what is there: whether a department exists, a name is taken, or
bytes are a picture. And in a form or a query everything is text, in which nothing and "" are the same.
"""

from __future__ import annotations

import re
from typing import Any

import schemathesis
from schemathesis.core import NotSet
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.core.transport import Response
from schemathesis.openapi.checks import RejectedPositiveData

# What is wrong with a field of a request that the schema rightly calls well formed.
_BEYOND_SCHEMA = re.compile(
    r"(object does not exist\.|is not the id of an agent or instructor\.)$"  # which rows there are
    r"|with this name already exists\.$"
    r"|^This is no cursor of ours"  # who has signed it
    r"|^This cursor goes with ordering="
    r"|^Search for at most 8 words\.$"  # OpenAPI can count characters, not words
    r"|^There is no such moment in UTC\.$"  # year 1 in one time zone is year 0 in another
    r"|^A report needs both source and external_id\.$"  # OpenAPI 3.0 knows no dependent fields
    r"|^This field may not be blank\.$"  # white space alone has a length
    r"|^Null characters are not allowed\.$"  # nor whether a text may have a NUL
)
_NULL_IN_A_FORM = "Incorrect type. Expected pk value, received str."
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def is_a_mistake(failure: Failure, case: schemathesis.Case[Any], response: Response) -> bool:
    """Whether what schemathesis found is one of the service, or of its schema."""
    if isinstance(failure, RejectedPositiveData):
        return not _is_beyond_the_schema(case, response)
    if isinstance(failure, AcceptedNegativeData):
        return not (_is_form(case) or _has_empty_parameter(case))
    return True


def _is_beyond_the_schema(case: schemathesis.Case[Any], response: Response) -> bool:
    """Whether it was refused for what no schema can say, and for nothing else."""
    if case.operation.label == "PUT /api/tickets/{id}/image/":  # bytes that are no picture
        return response.status_code in (400, 413, 415)
    if response.status_code in (412, 422):  # the ETag of another version; a key that came with another body
        return True
    wrong = response.json()["error"]["fields"].values()
    messages = [message for messages in wrong for message in messages]
    if _is_form(case):  # in which null is the word "null"
        messages = [message for message in messages if message != _NULL_IN_A_FORM]
    return bool(wrong) and all(_BEYOND_SCHEMA.search(message) for message in messages)


def _is_form(case: schemathesis.Case[Any]) -> bool:
    return not isinstance(case.body, NotSet) and case.media_type in _FORMS


def _has_empty_parameter(case: schemathesis.Case[Any]) -> bool:
    return "" in _values(case.query)


def _values(parameters: Any) -> list[object]:  # noqa: ANN401 - whatever was generated
    return list(parameters.values()) if isinstance(parameters, dict) else []
