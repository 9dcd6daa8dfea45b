"""What FastHttpUser's connections are made to do, tried on real sockets in a process of their own."""

from __future__ import annotations

import json
import subprocess
import sys

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
