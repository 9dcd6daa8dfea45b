"""Tickets to messages: as many in one as Discord's limits allow, in order, none lost and none split.

A message is filled from top to bottom, as it is read: its content first and then, in a format that has them,
its embeds. Of a message's characters Discord counts the content (2,000) apart from all embeds (6,000), so
the compact format has room for 8,000; an embed's description (4,096 at most) has no frame around it that
would count, and so two of them hold more tickets than ten embeds or 25 fields with titles would.

Pure. Lengths are code points, as Discord counts them (and Python's `len`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ticketing.discord.formats import GUIDE, Format, TicketText

CONTENT_LIMIT = 2_000  # of a message
DESCRIPTION_LIMIT = 4_096  # of one embed
EMBEDS_LIMIT = 6_000  # of all embeds of a message


class Batch(NamedTuple):
    """One message and the tickets in it; `embeds` are the descriptions of its embeds."""

    number: int
    ticket_ids: tuple[int, ...]
    content: str
    embeds: tuple[str, ...] = ()


class _Draft:
    """A message that is being filled."""

    def __init__(self, form: Format, number: int) -> None:
        self._form = form
        self.number = number
        self.ids: list[int] = []
        self._content = form.head(number)
        self._embeds: list[str] = []

    def take(self, ticket_id: int, text: str) -> bool:
        """Add a ticket; False if the message has no room for it."""
        taken = self._into_content(text) or (self._form.embeds and self._into_embeds(text))
        if taken:
            self.ids.append(ticket_id)
        return taken

    def batch(self) -> Batch:
        """Return the message as it is now."""
        return Batch(self.number, tuple(self.ids), self._content, tuple(self._embeds))

    def _into_content(self, text: str) -> bool:
        # Once the embeds have begun, a short ticket must not slip back above longer ones: order is kept.
        if self._embeds or len(self._content) + 1 + len(text) > CONTENT_LIMIT:
            return False
        self._content += f"\n{text}"
        return True

    def _into_embeds(self, text: str) -> bool:
        room = EMBEDS_LIMIT - sum(map(len, self._embeds))
        if self._embeds and 1 + len(text) <= min(room, DESCRIPTION_LIMIT - len(self._embeds[-1])):
            self._embeds[-1] += f"\n{text}"
            return True
        if len(text) <= room:
            self._embeds.append(text)
            return True
        return False


def batches(tickets: Iterable[TicketText], form: Format = GUIDE, first: int = 1) -> Iterator[Batch]:
    """Yield messages within Discord's limits, numbered from `first`."""
    draft = _Draft(form, first)
    for ticket in tickets:
        text = form.describe(ticket)
        if not draft.take(ticket.id, text):
            yield draft.batch()
            draft = _Draft(form, draft.number + 1)
            draft.take(ticket.id, text)  # the longest ticket of all fits into an empty message
    if draft.ids:
        yield draft.batch()
