"""CPU time is that of the whole server: its processes, their children, and those that have ended."""

from __future__ import annotations

import subprocess
import sys

from benchmarks import cpu

BURN = "import time\nwhile time.process_time() < 0.3: pass\n"
# Three processes that burn: the first, its child that has ended, and its child that waits.
FAMILY = f"""
import subprocess, sys
burn = {BURN!r}
exec(burn)
subprocess.run([sys.executable, "-c", burn], check=True)
waiting = [sys.executable, "-c", burn + "print('burnt', flush=True)\\ninput()"]
child = subprocess.Popen(waiting, stdin=subprocess.PIPE)
input()
child.communicate(b"\\n")
"""


def test_a_server_is_all_its_processes() -> None:
    server = subprocess.Popen([sys.executable, "-c", FAMILY], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert server.stdout is not None
    assert server.stdout.readline() == b"burnt\n"
    counted = cpu.seconds(server.pid)
    server.communicate(b"\n")
    assert server.returncode == 0
    assert counted >= 3 * 0.3 - 0.03  # a tick of each may be missing
