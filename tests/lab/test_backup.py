"""A backup of the lab while tickets are filed, and the way back: once, since a restore takes a while."""

from __future__ import annotations

import json
import re
import stat
import tarfile
import threading
from pathlib import Path

import pytest

from tests.lab.conftest import Lab

pytestmark = pytest.mark.usefixtures("leaves_no_tickets")

TICKET = {"name": "Grace", "email": "g@example.com", "phone": "8", "issue": "No link", "department": 1}


def filed(lab: Lab, token: str) -> int:
    """File a ticket; its id, or the status if it is not 201."""
    said = ("-H", f"Authorization: Bearer {token}", "-H", "Content-Type: application/json")
    status, body = lab.fetch("/api/tickets/", *said, "-d", json.dumps(TICKET))
    assert status == 201, body
    return int(json.loads(body)["id"])


def ids(lab: Lab, token: str) -> set[int]:
    """The newest 200 tickets."""
    status, body = lab.fetch("/api/tickets/?page_size=200", "-H", f"Authorization: Bearer {token}")
    assert status == 200, body
    return {ticket["id"] for ticket in json.loads(body)["results"]}


def test_what_was_acknowledged_comes_back_and_what_came_later_is_kept_beside(
    lab: Lab, tmp_path: Path
) -> None:
    token = lab.token("instructor")
    before = [filed(lab, token) for _ in range(3)]
    meanwhile: list[int] = []
    done = threading.Event()

    def write() -> None:
        while not done.is_set():
            meanwhile.append(filed(lab, token))

    writer = threading.Thread(target=write)
    writer.start()
    made = lab.run("backup", "--to", str(tmp_path))
    done.set()
    writer.join()
    assert made.returncode == 0, made.stderr
    (backup,) = tmp_path.iterdir()
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    tickets = re.search(r"([0-9,]+) tickets", made.stdout)
    assert tickets, made.stdout

    cut = tmp_path / "cut.tar.gz"
    cut.write_bytes(backup.read_bytes()[:-2000])
    refused = lab.run("restore", str(cut))
    assert (refused.returncode, refused.stderr.count("ticketlab: ")) == (2, 1), refused.stderr
    assert "cut short or damaged" in refused.stderr

    later = filed(lab, token)
    restored = lab.run("restore", str(backup))
    assert restored.returncode == 0, restored.stderr
    assert f"{tickets[1]} tickets" in restored.stdout
    there = ids(lab, lab.token("instructor"))
    assert set(before) <= there
    assert later not in there
    _, body = lab.fetch("/api/tickets/?page_size=1", "-H", f"Authorization: Bearer {token}")
    count = int(json.loads(body)["count"])
    assert tickets[1] == f"{count:,}"

    (safety,) = lab.state("backups").glob("before-restore-*.tar.gz")
    lost = [ticket for ticket in meanwhile if ticket not in there]  # filed after the backup's one moment
    assert rows(safety) == count + len(lost) + 1, "what came later is not lost"
    assert rows(backup) == count
    safety.unlink()


def rows(backup: Path) -> int:
    """How many tickets the backup's manifest lists."""
    with tarfile.open(backup) as tar:
        manifest = tar.extractfile("manifest.json")
        assert manifest is not None
        return int(json.load(manifest)["tables"]["ticketing_ticket"]["rows"])
