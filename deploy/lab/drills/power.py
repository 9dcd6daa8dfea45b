"""Restarting the container engine of this VM."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

from lab.engine import clients, docker_argv
from lab.errors import ExitCode, LabError
from lab.lifecycle import Say
from lab.process import last_words, run

PATIENCE = 120.0  # seconds for the engine to come back
SYSTEMD = Path("/run/systemd/system")  # is there while systemd runs (sd_booted(3))


def must_be_restartable() -> None:
    """Raise LabError (exit code 2) unless an init system can restart the engine."""
    _restart_argv()


def restart_engine(say: Say) -> None:
    """Restart it, and return when it answers again; raises LabError if it does not."""
    say("restarting the container engine: every container of this VM feels it")
    clients()  # asked while there is an engine to ask
    done = run(_restart_argv(), timeout=PATIENCE)
    if done.returncode:
        raise LabError(f"the engine was not restarted: {last_words(done)}; try it by hand")
    deadline = time.monotonic() + PATIENCE
    while run(docker_argv("version"), timeout=10).returncode:
        if time.monotonic() > deadline:
            raise LabError(f"the engine did not come back in {PATIENCE:.0f} s; see: journalctl -u docker")
        time.sleep(0.5)


def _restart_argv() -> list[str]:
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if SYSTEMD.is_dir():
        return [*sudo, "systemctl", "restart", "docker"]
    if shutil.which("service") and Path("/etc/init.d/docker").exists():
        return [*sudo, "service", "docker", "restart"]
    raise LabError(
        "restart-engine does not apply: this VM has no init system that keeps the engine; restart it by hand",
        ExitCode.USAGE,
    )
