"""docs/by-hand.md followed to the letter, its commands read from the page, in a network namespace."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from lab import paths
from tests.absent import absent

INSTALL = "deploy/bootstrap.sh python app\n. .venv/bin/activate\ncd app\n"
UNSHARE = ["unshare", "--map-root-user", "--net"]


def script(page: str, venv: Path) -> str:
    """The page's commands; the packages are the tests' own, and the server goes to the background."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    install, *rest = blocks
    assert install == INSTALL, "the page installs in another way than this test stands in for"
    lines = ["set -eu", "ip link set lo up", f". {venv}/bin/activate", "cd app"]
    for block in rest:
        if "runserver" in block:
            waiting = "until curl -s -o /dev/null http://10.10.10.1:8000/healthz; do sleep 0.1; done"
            lines += [block.strip() + " >server.log 2>&1 & server=$!", waiting]
        else:
            lines.append(block)
    return "\n".join([*lines, "kill $server"])


def test_every_step_does_what_the_page_says(tmp_path: Path) -> None:
    if subprocess.run([*UNSHARE, "true"], capture_output=True, check=False).returncode != 0:
        absent("NO NETWORK NAMESPACE CAN BE MADE HERE: THE GUIDE BY HAND WAS NOT FOLLOWED")
    ignored = shutil.ignore_patterns("db.sqlite3*", "generated_tickets.json", "__pycache__")
    shutil.copytree(paths.ROOT / "app", tmp_path / "app", ignore=ignored)
    commands = script((paths.ROOT / "docs/by-hand.md").read_text(), paths.ROOT / ".venv")
    inherited = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    done = subprocess.run(
        [*UNSHARE, "bash", "-c", commands],
        cwd=tmp_path,
        env=inherited,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Installed 1310 object(s) from 1 fixture(s)" in done.stdout
    assert "0 created, 0 changed, 1,300 unchanged" in done.stdout
    assert re.search(r"^1300$", done.stdout, re.MULTILINE)
    assert '{"status": "ok"}400' in done.stdout
    assert "145 messages" in done.stdout
