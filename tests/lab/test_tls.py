"""HTTPS in the real lab: switched on without a new container, trusted when told, and off again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lab.engine import docker
from tests.lab.conftest import Lab, labelled

HTTPS = "https://10.99.10.1"


@pytest.fixture
def https(lab: Lab) -> Iterator[Lab]:
    """The lab with HTTPS on and the client trusting it; HTTP alone, and nobody trusting, afterwards."""
    done = lab.run("tls", "on")
    assert done.returncode == 0, done.stderr
    assert lab.run("trust-ca", "--host", "client").returncode == 0
    yield lab
    assert lab.run("trust-ca", "--remove").returncode == 0
    done = lab.run("tls", "off")
    assert done.returncode == 0, done.stderr


def edge_container() -> str:
    (identity,) = labelled("ps", "--quiet", "--filter", "label=com.docker.compose.service=edge")
    (body,) = json.loads(docker("inspect", identity))
    return str(body["Id"]) + str(body["State"]["StartedAt"])


def ask(lab: Lab, *options: str, path: str = "/healthz") -> tuple[int, str]:
    """curl's exit code and output from the client, through the router, by HTTPS."""
    done = lab.on("client", "curl", "-sS", "-m", "20", *options, HTTPS + path)
    return done.returncode, done.stdout


def test_on_and_off_is_a_reload(lab: Lab) -> None:
    before = edge_container()
    assert ask(lab)[0] == 7, "7 is curl's code for a refused connection"
    done = lab.run("tls", "on")
    assert done.returncode == 0, done.stderr
    assert "answers: TLS 1.3, HTTP/2" in done.stdout
    assert ask(lab)[0] == 60, "60 is curl's code for a certificate it does not trust"
    assert lab.run("trust-ca").returncode == 0
    assert ask(lab, "-w", "%{http_version} %{http_code}", "-o", "/dev/null") == (0, "2 200")
    assert lab.fetch("/healthz")[0] == 200, "plain HTTP stays"
    assert "trusted by  client, locust, worker" in lab.run("tls", "status").stdout
    assert lab.run("trust-ca", "--remove").returncode == 0
    assert ask(lab)[0] == 60
    assert lab.run("tls", "off").returncode == 0
    assert ask(lab)[0] == 7
    assert edge_container() == before


def test_links_say_https(https: Lab) -> None:
    bearer = f"Authorization: Bearer {https.token('instructor')}"
    assert json.loads(https.fetch("/api/tickets/", "-H", bearer)[1])["next"].startswith("http://10.99.10.1/")
    code, body = ask(https, "-H", bearer, path="/api/tickets/")
    assert code == 0
    assert json.loads(body)["next"].startswith(f"{HTTPS}/")


def test_redirect_and_hsts_by_choice(https: Lab) -> None:
    assert https.run("tls", "on", "--redirect", "--hsts").returncode == 0
    status, head = https.fetch("/api/tickets/", "-D", "-", "-o", "/dev/null")
    assert status == 307
    assert f"location: {HTTPS}/api/tickets/" in head.replace("Location", "location")
    assert https.fetch("/edge-healthz")[0] == 200
    assert "strict-transport-security: max-age=3600" in ask(https, "-D", "-", "-o", "/dev/null")[1]


def test_it_outlives_restart_and_up(https: Lab) -> None:
    before = edge_container()
    assert https.run("up").returncode == 0
    assert edge_container() == before
    assert ask(https)[0] == 0
    assert https.run("restart", "edge").returncode == 0
    assert ask(https)[0] == 0


def test_the_authority_s_key_is_in_no_container(https: Lab) -> None:
    key = https.state("tls/ca.key").read_text().splitlines()[1]
    for host in ("edge", "client", "locust"):
        (mounts,) = json.loads(
            docker("inspect", *labelled("ps", "-q", "--filter", f"label=com.docker.compose.service={host}"))
        )
        for mount in mounts["Mounts"]:
            assert not mount["Source"].endswith("/tls"), "the whole folder must not be mounted"
    assert https.on("edge", "grep", "-rqF", key, "/etc/edge-tls").returncode == 1


def test_an_unknown_host_cannot_trust(lab: Lab) -> None:
    done = lab.run("trust-ca", "--host", "router")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


def test_trace_and_capture_understand_https(https: Lab) -> None:
    done = https.run("trace", f"{HTTPS}/healthz", "--json")
    assert done.returncode == 0, done.stderr
    trace = json.loads(done.stdout)
    assert any("TLSv1.3 handshake" in part["name"] for part in trace["parts"])
    assert sum(part["ms"] for part in trace["parts"]) == pytest.approx(trace["total_ms"], abs=0.001)
    with ThreadPoolExecutor() as pool:
        words = ("capture", "edge", "--filter", "tcp port 443", "--for", "8s", "--json")
        capture = pool.submit(https.run, *words)
        while not capture.done():
            ask(https)
    found = json.loads(capture.result().stdout)
    try:
        assert "TLS 1.3" in {one["tls"] for one in found["conversations"]}
        assert found["in_clear"] == []
    finally:
        Path(found["file"]).unlink()
