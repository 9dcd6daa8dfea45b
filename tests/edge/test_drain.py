"""A replica that is drained, stopped, and started again under load: no client notices, POSTs included."""

from __future__ import annotations

import http.client
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.site import free_ports
from lab.dev import programs
from lab.dev.supervisor import Supervisor
from tests.edge.client import Edge
from tests.edge.conftest import HERE, listens, wait_until

Make = Callable[..., "Replicas"]
CLIENTS = 12
SETTLE = 0.5  # seconds until what was passed on before the replica was drained has reached it


class Replicas:
    """An edge and two Gunicorns with the app's own configuration, which can be stopped and started singly."""

    def __init__(self, supervisor: Supervisor, directory: Path, upstreams: int = 2) -> None:
        """`upstreams` of the two replicas are asked; if it is one, the other stands in for it."""
        port, *self.ports = free_ports(3)
        self._supervisor, self._directory = supervisor, directory
        self.processes = {port: self.start(port) for port in self.ports}
        run, log = directory / "run", directory / "nginx.log"
        nginx = programs.edge(port, self.ports[:upstreams], directory, directory, run, log)
        stand_in = {"EDGE_STAND_IN": f"127.0.0.1:{self.ports[1]}"} if upstreams == 1 else {}
        supervisor.start(replace(nginx, environment={**nginx.environment, **stand_in}))
        supervisor.wait_until_ready()
        self.edge = Edge(port, log, self.processes)
        self._drained = run / "drained"

    def start(self, port: int) -> int:
        """Start the replica of this port; return its process id."""
        program = programs.app(port, {"PYTHONPATH": str(HERE)}, self._directory / f"{port}.log")
        return self._supervisor.start(replace(program, argv=[*program.argv[:-1], "echo:app"]))

    @contextmanager
    def drained(self, port: int) -> Iterator[None]:
        """The replica is asked nothing new."""
        marker = self._drained / f"127.0.0.1:{port}"
        marker.touch()
        yield
        marker.unlink()

    def restart(self, port: int) -> None:
        """End the replica as a container engine does, and start it anew."""
        os.kill(self.processes[port], signal.SIGTERM)
        # WNOWAIT: it is the supervisor who reaps it.
        os.waitid(os.P_PID, self.processes[port], os.WEXITED | os.WNOWAIT)
        self.processes[port] = self.start(port)
        wait_until(lambda: listens(port), 20)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    with Supervisor() as supervisor:
        yield lambda upstreams=2: Replicas(supervisor, tmp_path, upstreams)


@contextmanager
def load(edge: Edge) -> Iterator[Counter[object]]:
    """Clients that POST, some that GET, on kept-alive connections; counts statuses, and errors by name."""
    seen: Counter[object] = Counter()
    ended, lock = threading.Event(), threading.Lock()

    def client(number: int) -> None:
        connection = edge.connect()
        while not ended.is_set():
            try:
                connection.request("POST" if number % 3 else "GET", "/", body=b"{}" if number % 3 else None)
                response = connection.getresponse()
                response.read()
                outcome: object = response.status
            except (OSError, http.client.HTTPException) as error:
                outcome = type(error).__name__
                connection.close()
            with lock:
                seen[outcome] += 1
        connection.close()

    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def asked(edge: Edge, times: int = 12) -> set[int]:
    """The ports of the replicas that answer so many requests."""
    ids = [f"who-answers-{time.monotonic_ns()}" for _ in range(times)]
    assert {edge.ask("/", headers={"X-Request-ID": id_}).status for id_ in ids} == {200}
    return {int(edge.log_line(id_)["upstream_addr"].rpartition(":")[2]) for id_ in ids}


def test_a_drained_replica_is_asked_nothing_at_once_and_without_a_reload(make: Make) -> None:
    replicas = make()
    first, second = replicas.ports
    assert asked(replicas.edge) == {first, second}
    with replicas.drained(first):
        assert asked(replicas.edge) == {second}
    assert asked(replicas.edge) == {first, second}


def test_replacing_every_replica_costs_no_request(make: Make) -> None:
    replicas = make()
    with load(replicas.edge) as seen:
        for port in replicas.ports:
            with replicas.drained(port):
                time.sleep(SETTLE)
                replicas.restart(port)
    assert set(seen) == {200}
    assert seen[200] > 500, "this was no load"
    assert asked(replicas.edge) == set(replicas.ports)


def test_the_only_replica_has_a_stand_in_while_it_is_replaced(make: Make) -> None:
    replicas = make(upstreams=1)
    first, second = replicas.ports
    assert asked(replicas.edge) == {first}
    with load(replicas.edge) as seen, replicas.drained(first):
        time.sleep(SETTLE)
        assert asked(replicas.edge) == {second}
        replicas.restart(first)
    assert set(seen) == {200}
    assert asked(replicas.edge) == {first}


def test_an_edge_begins_with_no_replica_drained(tmp_path: Path, make: Make) -> None:
    drained = tmp_path / "run" / "drained"
    drained.mkdir(parents=True)
    for port in range(1024, 1030):
        (drained / f"127.0.0.1:{port}").touch()
    make()
    assert list(drained.iterdir()) == []


def test_a_replica_that_stops_refuses_what_comes_and_answers_what_has_come(make: Make) -> None:
    """Left open, the door would let connections in that nobody answers: a POST sent on one is lost."""
    replicas = make()
    port = replicas.ports[0]
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as slow:
        slow.request("POST", "/", body=b"{}", headers={"X-Echo-Slow": "1"})
        time.sleep(0.1)
        os.kill(replicas.processes[port], signal.SIGTERM)
        wait_until(lambda: not listens(port), 0.35)
        assert slow.getresponse().status == 200
