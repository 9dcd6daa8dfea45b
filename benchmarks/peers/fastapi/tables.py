"""The service's tables as SQLAlchemy knows them, as far as the API needs them."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    create_engine,
    event,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry


class Moment(TypeDecorator[datetime]):
    """A moment in UTC, which the database keeps without saying so."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """What is stored."""
        return value and value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """What is read."""
        return value and value.replace(tzinfo=UTC)


metadata = MetaData()
users = Table(
    "auth_user",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("is_superuser", Boolean),
    Column("is_active", Boolean),
)
groups = Table("auth_group", metadata, Column("id", Integer, primary_key=True), Column("name", Text))
memberships = Table("auth_user_groups", metadata, Column("user_id", Integer), Column("group_id", Integer))
departments = Table("ticketing_department", metadata, Column("id", Integer, primary_key=True))
desks = Table(
    "ticketing_department_agents", metadata, Column("department_id", Integer), Column("user_id", Integer)
)
tickets = Table(
    "ticketing_ticket",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text),
    Column("email", Text),
    Column("phone", Text),
    Column("issue", Text),
    Column("priority", Integer),
    Column("status", Text, default="open"),
    Column("image", Text, default=""),
    Column("created_at", Moment),
    Column("updated_at", Moment),
    Column("user_id", Integer, key="user"),
    Column("department_id", Integer, key="department"),
    Column("assignee_id", Integer, key="assignee"),
    Column("device", Text, default=""),
    Column("interface", Text, default=""),
    Column("source", Text, default=""),
    Column("external_id", Text, default=""),
)
shown = [column.label(column.key) for column in tickets.c]  # under the API's names
events = Table(
    "ticketing_ticketevent",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("action", Text),
    Column("at", Moment),
    Column("ticket_id", Integer),
    Column("department_id", Integer),
    Column("owner_id", Integer),
    Column("actor_id", Integer),
    Column("changes", JSON, default=dict),
    Column("internal", Boolean, default=False),
    Column("request_id", Text, default="-"),
)


def connect() -> Engine:
    """The database, tuned as the service tunes it: WAL, and a wait of up to 10 s for the write lock."""
    engine = create_engine(os.environ["DATABASE_URL"], connect_args={"timeout": 10})

    @event.listens_for(engine, "connect")
    def tune(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.close()

    return engine
