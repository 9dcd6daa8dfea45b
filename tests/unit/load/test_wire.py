"""What FastHttpUser's connections are made to do, tried on real sockets in a process of their own."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lab.tls.authority import make_authority
from tests.unit.load.conftest import Locust

PROBE = """
import fcntl, json, resource, socket
from common.wire import HonestPool

soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(2048, hard)), hard))
pool = HonestPool("127.0.0.1", 80, "127.0.0.1", 80)
near, far = socket.socketpair()
high = socket.socket(fileno=fcntl.fcntl(near.fileno(), fcntl.F_DUPFD, 1500))
findings = {"descriptor": high.fileno(), "idle": pool._is_socket_alive(high)}
far.close()
findings["closed by the server"] = pool._is_socket_alive(high)
high.close()
findings["closed here"] = pool._is_socket_alive(high)
tcp = pool._create_tcp_socket(socket.AF_INET, socket.SOCK_STREAM, 0)
findings["nodelay"] = bool(tcp.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
print(json.dumps(findings))
"""

HANDSHAKE_MS, ANSWER_MS = 200, 100
# Locust is imported first, since it replaces the sockets.
PHASES = """
import json
from locust.contrib.fasthttp import insecure_ssl_context_factory
from geventhttpclient.url import URL
from common import wire
from common.recording.phases import Trace
from common.way import Way

wire.make_honest()
trace = Trace()
clients = wire.HonestClients(trace, Way(), insecure=True, ssl_context_factory=insecure_ssl_context_factory)
client = clients.get_client(URL("https://127.0.0.1:PORT/"))
told = []
for _ in range(2):
    client.get("/").read()
    told.append([trace.phases.connect_ms, trace.phases.tls_ms, trace.phases.first_byte_ms])
print(json.dumps(told))
"""

PURE = """
import sys
import common.accounts, common.answers, common.refusal, common.report, common.session, common.targets
import common.recording.crew, common.recording.gauge, common.recording.judge, common.recording.phases
import common.recording.records, common.recording.strain, common.way
import common.openloop.arrivals, common.openloop.figures, common.levels
print([name for name in ("gevent", "locust") if name in sys.modules])
"""


def python(script: str, locust: Locust) -> str:
    return subprocess.run(
        [sys.executable, "-c", script], env=locust.environment, check=True, capture_output=True, text=True
    ).stdout


def test_connections(locust: Locust) -> None:
    assert json.loads(python(PROBE, locust)) == {
        "descriptor": 1500,  # beyond what select.select can take
        "idle": True,
        "closed by the server": False,
        "closed here": False,
        "nodelay": True,
    }


def test_modules_that_tests_import_leave_the_process_alone(locust: Locust) -> None:
    assert python(PURE, locust) == "[]\n"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate and its key in one file; nobody looks who signed it."""
    pair = make_authority(["127.0.0.1"], datetime.now(UTC))
    path = tmp_path / "both.pem"
    path.write_bytes(pair.certificate_pem + pair.key_pem)
    return path


def serve_slowly(server: socket.socket, context: ssl.SSLContext) -> None:
    """Answer two requests on one connection, whose TLS handshake is begun late."""
    connection, _ = server.accept()
    time.sleep(HANDSHAKE_MS / 1000)
    with context.wrap_socket(connection, server_side=True) as encrypted:
        for _ in range(2):
            encrypted.recv(4096)
            time.sleep(ANSWER_MS / 1000)
            encrypted.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")


def test_phases_of_an_encrypted_connection(locust: Locust, certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve_slowly, args=(server, context))
        thread.start()
        told = json.loads(python(PHASES.replace("PORT", str(server.getsockname()[1])), locust))
        thread.join()
    (connect, tls, first_byte), (connect_again, tls_again, first_byte_again) = told
    assert connect < tls
    assert tls >= HANDSHAKE_MS
    assert (connect_again, tls_again) == (None, None)
    assert min(first_byte, first_byte_again) >= ANSWER_MS
