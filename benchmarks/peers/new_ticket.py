"""What a new ticket may say, for the peers that check with pydantic: the service's own limits."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, StringConstraints

_Line = StringConstraints(strip_whitespace=True, min_length=1, max_length=255)
_Email = StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s.]+$", max_length=254)
_Phone = StringConstraints(strip_whitespace=True, min_length=1, max_length=20)
_Text = StringConstraints(strip_whitespace=True, min_length=1)


class NewTicket(BaseModel):
    """A request to file a ticket."""

    name: Annotated[str, _Line]
    email: Annotated[str, _Email]
    phone: Annotated[str, _Phone]
    issue: Annotated[str, _Text]
    priority: Literal[1, 2, 3] = 2
    department: int
    device: Annotated[str, StringConstraints(max_length=100)] = ""
    interface: Annotated[str, StringConstraints(max_length=60)] = ""
