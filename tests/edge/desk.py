"""One Gunicorn on a database of its own, and an instructor who files tickets with it."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from pathlib import Path

import requests
from PIL import Image

from benchmarks.site import environment, free_ports
from benchmarks.writers import TICKET, USER, prepare
from lab.dev import programs
from lab.dev.supervisor import Supervisor


class Service:
    """One Gunicorn with its database and its pictures on the disk, and an instructor who asks it."""

    def __init__(self, port: int, settings: dict[str, str]) -> None:
        self.settings = settings  # for manage.py
        self.base = f"http://127.0.0.1:{port}"
        self.session = requests.Session()
        login = {name: USER[name] for name in ("username", "password")}
        token = self.session.post(f"{self.base}/api/token/", json=login, timeout=30).json()["access"]
        self.session.headers["Authorization"] = f"Bearer {token}"

    def again(self) -> Service:
        """The same caller on connections of its own, for another thread."""
        other = copy(self)
        other.session = requests.Session()
        other.session.headers.update(self.session.headers)
        return other

    def file(self, key: str | None = None) -> requests.Response:
        headers = {"Idempotency-Key": key} if key else {}
        return self.session.post(f"{self.base}/api/tickets/", json=TICKET, headers=headers, timeout=60)

    def get(self, path: str) -> requests.Response:
        return self.session.get(self.base + path, timeout=30)

    def illustrate(self, ticket: int, side: int = 600) -> requests.Response:
        picture = io.BytesIO()
        Image.frombytes("RGB", (side, side), os.urandom(side * side * 3)).save(picture, "PNG")
        headers = {"Content-Type": "image/png"}
        address = f"{self.base}/api/tickets/{ticket}/image/"
        return self.session.put(address, data=picture.getvalue(), headers=headers, timeout=60)


@contextmanager
def served(folder: Path, **more: str) -> Iterator[Service]:
    """The service on a database in `folder`; `more` are further settings, such as another DATABASE_URL."""
    folder.mkdir(exist_ok=True)
    (port,) = free_ports(1)
    settings = environment(folder, NUM_PROXIES="0", MEDIA_ROOT=str(folder / "media"), **more)
    prepare(folder, settings)
    with Supervisor() as supervisor:
        supervisor.start(programs.app(port, settings, folder.parent / "app.log"))
        supervisor.wait_until_ready()
        yield Service(port, settings)
