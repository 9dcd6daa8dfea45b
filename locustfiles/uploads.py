"""Uploads: pictures of what is broken.

Each user is a student who files one ticket, and then sends a new picture for it every few seconds: a form
with a PNG of some 200 kB (SIDE below), as a browser would send it.

What it shows: traffic that goes up. Most networks are built for the other direction, so an upload is what a
narrow link shows first: 200 kB take 1.6 s on 1 Mbit/s, whatever the server does. Nginx takes the whole
picture before it asks the application, so a slow line keeps no application thread busy. The picture is
noise, which cannot be compressed; the service encodes it anew, one picture at a time.

Exercises: 5 (bandwidth and window), 6 (loss).
Run it with:  locust -f uploads.py --headless -u 5 -r 1 -t 60s
"""

import os
import struct
import zlib

from locust import between, task

from common.made_up import chance, ticket
from common.people import Student

SIDE = 258  # pixels; a picture has SIDE² of 3 bytes each


def noise(side: int) -> bytes:
    """Return a PNG of side x side pixels at random, in colour (its form: www.w3.org/TR/png-3)."""
    # 8 bits a channel, kind 2 (red, green, blue), and no choice of compression, filter and interlacing.
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = b"".join(b"\0" + os.urandom(3 * side) for _ in range(side))  # \0: a row that no filter changed
    body = zlib.compress(rows, 1)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


class Uploads(Student):
    """A student with a camera."""

    wait_time = between(1, 3)
    picture = noise(SIDE)

    def on_start(self) -> None:
        """No ticket yet."""
        self.my_ticket = 0

    @task
    def send_picture(self) -> None:
        """Put a picture on the own ticket, in place of the one before."""
        self.my_ticket = self.my_ticket or self.file_ticket(ticket(chance.choice(self.departments())))
        self.call(
            "PUT",
            f"/api/tickets/{self.my_ticket}/image/",
            name="/api/tickets/[id]/image/",
            read=dict,
            files={"image": ("broken.png", self.picture, "image/png")},
            headers=self.session.headers(),
        )
