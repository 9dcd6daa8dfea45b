"""Which database the lab runs on, and what follows from it: its address, its connections, its host."""

from __future__ import annotations

from lab.settings import Settings
from lab.topology import Topology

HOST = "db"
PROFILE = "postgres"
PORT = 5432
SQLITE = "sqlite:////data/db.sqlite3"
# Besides the app servers' threads: the live feed, the notifier, migrate, commands, psql.
SPARE = 20


def url(kind: str, plan: Topology) -> str:
    """The app's DATABASE_URL for 'sqlite' or 'postgres'; a password is no part of it."""
    if kind == "sqlite":
        return SQLITE
    return f"postgres://ticketing@{plan.address(HOST)}:{PORT}/ticketing"


def connections(settings: Settings) -> int:
    """How many connections the server must take: one for each thread of an app server, and some to spare."""
    servers = max(settings.replicas, 2)  # app2 runs on with REPLICAS=1
    return servers * int(settings["WEB_WORKERS"]) * int(settings["WEB_THREADS"]) + SPARE
