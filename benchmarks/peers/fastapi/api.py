"""The API with FastAPI.

Coroutines that call SQLite's driver themselves. A statement takes a tenth of a millisecond of computing and
waits for nobody, so there is nothing to gain from a thread; with plain functions, which FastAPI runs in
threads, a list took nearly three times the CPU time (5.7 instead of 2.0 ms): threads that fight for the
interpreter.
Answers have a response model, which FastAPI writes in Rust, as its documentation advises.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from pydantic import BaseModel
from sqlalchemy import RowMapping, func, insert, select

from benchmarks.peers import pages
from benchmarks.peers.fastapi.callers import Token, caller
from benchmarks.peers.fastapi.tables import connect, departments, events, shown, tickets
from benchmarks.peers.new_ticket import NewTicket

engine = connect()
app = FastAPI(openapi_url=None)


class Ticket(BaseModel):
    """A ticket as it is answered."""

    id: int
    name: str
    email: str
    phone: str
    issue: str
    priority: int
    status: str
    image: str | None
    created_at: datetime
    updated_at: datetime
    user: int | None
    department: int
    assignee: int | None
    device: str
    interface: str
    source: str
    external_id: str


class Page(BaseModel):
    """A page of tickets as it is answered."""

    count: int
    next: str | None
    previous: str | None
    results: list[Ticket]


@app.get("/api/tickets/", response_model=Page)
async def read_page(request: Request, user: Token, page: int = 1) -> dict[str, Any]:
    """One page of what the caller may see."""
    with engine.connect() as connection:
        scope = caller(connection, user).scope
        count = connection.execute(select(func.count()).select_from(tickets).where(scope)).scalar_one()
        newest = select(*shown).where(scope).order_by(tickets.c.created_at.desc(), tickets.c.id.desc())
        window = newest.limit(pages.SIZE).offset((page - 1) * pages.SIZE)
        rows = [_row(found) for found in connection.execute(window).mappings()]
    return pages.envelope(str(request.url.replace(query="")), page, count, rows)


@app.get("/api/tickets/{ticket_id}/", response_model=Ticket)
async def read_ticket(ticket_id: int, user: Token) -> Mapping[str, Any]:
    """One ticket that the caller may see."""
    with engine.connect() as connection:
        one = select(*shown).where(caller(connection, user).scope, tickets.c.id == ticket_id)
        found = connection.execute(one).mappings().first()
    if found is None:
        raise HTTPException(404)
    return _row(found)


@app.post("/api/tickets/", response_model=Ticket, status_code=201)
async def file_ticket(new: NewTicket, user: Token) -> Mapping[str, Any]:
    """File a ticket; what happened goes into the log in the same transaction."""
    now = datetime.now(UTC)
    with engine.begin() as connection:
        owner = caller(connection, user).id
        if connection.execute(select(departments.c.id).filter_by(id=new.department)).first() is None:
            raise HTTPException(400, "There is no such department.")
        fields = {**new.model_dump(), "user": owner, "created_at": now, "updated_at": now}
        filed = connection.execute(insert(tickets).returning(*shown), fields).mappings().one()
        note = {"action": "created", "at": now, "ticket_id": filed["id"], "department_id": new.department}
        connection.execute(insert(events), {**note, "owner_id": owner, "actor_id": owner})
    return _row(filed)


def _row(found: RowMapping) -> Mapping[str, Any]:
    return {**found, "image": f"/api/tickets/{found['id']}/image/" if found["image"] else None}
