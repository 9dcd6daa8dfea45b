"""What /api/whoami/ tells behind the real edge, against what the client's own socket knows."""

from __future__ import annotations

import pytest

from tests.edge.client import Edge, ask_on
from tests.edge.conftest import Site

FORGED = {
    "X-Edge-Client-Address": "203.0.113.7",
    "X-Edge-TLS-Version": "TLSv9",
    "X_Edge_Protocol": "HTTP/9",
    "X-Forwarded-For": "203.0.113.7",
}


def test_both_ends_of_both_connections(site: Site) -> None:
    connection = site.connect()
    connection.connect()
    own_address, own_port = connection.sock.getsockname()
    first, second = (ask_on(connection, "/api/whoami/", headers={"Host": "LocalHost"}) for _ in range(2))
    connection.close()
    edge, app = first.json["edge"], first.json["app"]
    assert (edge["client_address"], edge["client_port"]) == (own_address, own_port)
    assert (edge["server_address"], edge["server_port"]) == ("127.0.0.1", site.port)
    assert (edge["protocol"], edge["host"]) == ("HTTP/1.1", "LocalHost")
    assert (edge["tls_version"], edge["tls_cipher"]) == (None, None)
    assert [answer.json["edge"]["connection_requests"] for answer in (first, second)] == [1, 2]
    assert second.json["edge"]["connection"] == edge["connection"] > 0
    assert (app["peer_address"], app["forwarded_client"]) == ("127.0.0.1", own_address)
    assert app["peer_port"] not in (own_port, None)
    assert (app["host"], app["scheme"]) == ("localhost", "http")
    assert [app["request_id"]] == first.all("X-Request-ID")
    assert [app["served_by"]] == first.all("X-Served-By")
    assert first.all("Cache-Control") == ["no-store"]
    assert first.all("X-Cache") == ["NONE"]


def test_nothing_can_be_forged(site: Site) -> None:
    said = site.ask("/api/whoami/", headers={**FORGED, "User-Agent": "a test"}).json
    assert "203.0.113.7" not in str(said)
    assert "TLSv9" not in str(said)
    assert "HTTP/9" not in str(said)
    assert said["headers"]["client"] == {"User-Agent": "a test", "Accept-Encoding": "identity"}


def test_a_replica_asked_directly_is_told_nothing(site: Site) -> None:
    replica = Edge(next(iter(site.replicas)), site.log, {})
    said = replica.ask("/api/whoami/").json
    assert (said["edge"], said["app"]["forwarded_client"]) == (None, None)


@pytest.mark.parametrize("path", ["/", "/api/tickets/", "/api/whoami/x"])
def test_other_addresses_are_told_nothing(edge: Edge, path: str) -> None:
    assert not [name for name in edge.ask(path).json["headers"] if name.startswith("HTTP_X_EDGE_")]
