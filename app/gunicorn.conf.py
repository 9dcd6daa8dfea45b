"""Gunicorn's configuration.

From the environment: BIND (address:port), WEB_WORKERS (processes), WEB_THREADS (threads in each).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from drf_jwt_backend.logs import logging_to_stdout


def _count(name: str, default: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        sys.exit(f"Setting {name} (environment variable {name}) is wrong: say how many, 1 or more.")
    return int(text)


wsgi_app = "drf_jwt_backend.wsgi"
bind = os.environ.get("BIND") or "0.0.0.0:8000"
workers = _count("WEB_WORKERS", 2)
threads = _count("WEB_THREADS", 4)
# A connection to PostgreSQL for each thread. Here, since only what serves is to have a pool: a command needs
# one connection, and ends.
os.environ.setdefault("DATABASE_POOL", str(threads))
# Threads, since Nginx keeps its connections to us open; the sync worker would close each after one request.
worker_class = "drf_jwt_backend.worker.Worker"
# Longer than Nginx's keepalive_timeout towards us, so that it is never we who close a connection in use.
keepalive = 75
# Loaded once, before the workers fork: a wrong setting ends Gunicorn with its sentence instead of
# restarting workers for ever, and the workers share the memory.
preload_app = True
timeout = 30
# Told to stop, a worker finishes what it has begun: for longer than Nginx waits for any answer (30 s).
graceful_timeout = 35
# Workers prove that they live by touching a file: in memory, where a slow disk cannot fail them.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
# Nobody uses `gunicornc` here, and the socket would need a home directory that can be written to.
control_socket_disable = True
# DiagnosticsMiddleware logs each request with its id; Nginx logs it with its upstream times.
accesslog = None
# Gunicorn's own words in the form that the app's have.
logconfig_dict = logging_to_stdout("INFO")


def pre_fork(server: object, worker: object) -> None:  # noqa: ARG001 - Gunicorn's signature
    """Give no worker a connection that the master has opened: each would read the other's answers."""
    from django.conf import settings
    from django.db import connections

    if not settings.configured:  # whatever was loaded before the fork, it was not this project
        return
    for connection in connections.all(initialized_only=True):
        connection.close()
        if close_pool := getattr(connection, "close_pool", None):  # PostgreSQL's alone
            close_pool()
