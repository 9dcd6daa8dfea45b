"""Slow client: people on bad lines, and one who only pretends.

Three kinds of users. One sends a ticket a few bytes at a time; one takes seconds to read a long answer; and
one (a slowloris) begins a request, sends a byte of its header each second, and never comes to its end.

What it shows: what Nginx is there for. It takes in a whole request before it bothers the application, and
the whole answer off it, so that slow people keep none of Gunicorn's few threads busy; and who has not sent
the header after 10 seconds (client_header_timeout in nginx.conf) is cut off, which is what should happen and
so counts as a success. Run health beside it, as below: its row stays what it was. Go past Nginx, with --via
app1, and it waits for seconds, and nobody cuts off the slowloris.

Exercises: 9 (load and queueing), 12 (security audit).
Run it with:  locust -f slow_client.py,health.py --headless -u 40 -r 10 -t 60s
"""

import json
import socket

import gevent  # type: ignore[import-untyped]
from locust import constant, task

from common.answers import AnswerError, department_ids, status_of
from common.made_up import chance, ticket
from common.raw import Dribble, RawUser, seconds_until_cut

UP, DOWN = 50, 20_000  # bytes a second
HEADER_TIMEOUT = 10  # seconds, client_header_timeout in nginx.conf
SLACK = 2  # seconds, for the way there and back


class SlowSender(RawUser):
    """Somebody whose ticket takes some seconds to arrive, be it then filed or one too many (429)."""

    wait_time = constant(1)

    @task
    def report(self) -> None:
        """File a ticket, slowly."""
        path = "/api/departments/"
        desk = chance.choice(self.call("GET", path, name=path, read=department_ids))
        self.call(
            "POST",
            "/api/tickets/",
            name="/api/tickets/ sent slowly",
            read=status_of,
            expected=(201, 429),
            data=Dribble(json.dumps(ticket(desk)).encode(), UP),
            headers={"Content-Type": "application/json"},
        )


class SlowReader(RawUser):
    """Somebody for whom a long answer takes some seconds."""

    wait_time = constant(1)

    @task
    def read(self) -> None:
        """Read the API's description, slowly."""
        self.converse("GET", "/api/schema/ read slowly", self.sip)

    def sip(self, connection: socket.socket) -> int:
        """Ask, and take the answer in as slowly as DOWN says; return its length."""
        connection.sendall(self.head("/api/schema/") + b"Connection: close\r\n\r\n")
        answer = b""
        while piece := connection.recv(DOWN // 4):
            answer += piece
            gevent.sleep(len(piece) / DOWN)
        if not answer.startswith(b"HTTP/1.1 200 "):
            raise AnswerError(f"{answer[:40]!r} instead of HTTP/1.1 200")
        return len(answer)


class Slowloris(RawUser):
    """Somebody who wants a connection, not an answer."""

    wait_time = constant(1)

    @task
    def hold(self) -> None:
        """Hold a connection for as long as one may."""
        self.converse("GET", "/healthz without an end", self.hold_on)

    def hold_on(self, connection: socket.socket) -> int:
        """Never end the header; being cut off too soon is as wrong as not at all."""
        connection.sendall(self.head("/healthz") + b"X-Slow: ")
        held = seconds_until_cut(connection, most=HEADER_TIMEOUT + SLACK)
        if abs(held - HEADER_TIMEOUT) >= SLACK:
            raise AnswerError(f"held for {held:.0f} s; client_header_timeout is {HEADER_TIMEOUT} s")
        return 0
