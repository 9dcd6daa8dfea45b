"""Backups of a service in use: nothing acknowledged is missing, nothing is in them by halves."""

from __future__ import annotations

import fcntl
import json
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

from benchmarks.site import argv, environment, manage
from benchmarks.writers import prepare
from lab import paths
from tests.edge.desk import Service, served
from tests.edge.test_outages import fill, small_disk
from ticketing.backup import archive
from ticketing.backup.manifest import Manifest

CREATED = "SELECT ticket_id FROM ticketing_ticketevent WHERE action = 'created'"


def command(settings: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv(*words), env=settings, capture_output=True, text=True, check=False)


def unpacked(backup: Path, folder: Path) -> Manifest:
    with backup.open("rb") as file:
        return archive.unpack(file, lambda _: folder)[1]


def column(database: Path, query: str) -> list[object]:
    with closing(sqlite3.connect(database)) as connection:
        return sorted(row[0] for row in connection.execute(query))


def answers(service: Service) -> list[int]:
    """The ids of all tickets, by the API."""
    found = service.get("/api/tickets/?page_size=200")
    assert found.status_code == 200
    return sorted(ticket["id"] for ticket in found.json()["results"])


@contextmanager
def writing(service: Service, work: Callable[[Service, int], None], writers: int) -> Iterator[None]:
    """So many threads that do the work over and over; what they raise is raised at the end."""
    stop = threading.Event()

    def loop(number: int) -> None:
        with_session = service.again()
        turn = 0
        while not stop.is_set():
            work(with_session, number * 1_000_000 + turn)
            turn += 1

    with ThreadPoolExecutor(writers) as pool:
        threads = [pool.submit(loop, number) for number in range(writers)]
        try:
            yield
        finally:
            stop.set()
    for thread in threads:
        thread.result()


def test_every_write_that_was_acknowledged_before_is_in_it_and_none_by_halves(tmp_path: Path) -> None:
    acknowledged: list[int] = []
    illustrated = threading.Event()
    with served(tmp_path / "site") as service:
        first = service.file().json()["id"]

        def work(caller: Service, turn: int) -> None:
            if turn < 1_000_000:  # the first writer gives one ticket a new picture over and over
                assert caller.illustrate(first, side=40).status_code == 200
                illustrated.set()
                return
            answer = caller.file(f"key-{turn}")
            assert answer.status_code == 201
            acknowledged.append(answer.json()["id"])

        with writing(service, work, writers=5):
            assert illustrated.wait(20)
            for number in range(8):
                before = set(acknowledged)
                backup = tmp_path / f"{number}.tar.gz"
                done = command(service.settings, "write_backup", str(backup))
                assert done.returncode == 0, done.stderr
                folder = tmp_path / f"taken apart {number}"
                manifest = unpacked(backup, folder)
                tickets = column(folder / "database", "SELECT id FROM ticketing_ticket WHERE name = 'Writer'")
                assert before <= set(tickets)
                assert tickets == column(folder / "database", CREATED)
                keys = column(folder / "database", "SELECT key FROM ticketing_idempotencykey")
                assert len(keys) == len(tickets) - 1, "of each ticket but the first"
                images = column(folder / "database", "SELECT image FROM ticketing_ticket WHERE image <> ''")
                assert len(images) == 1
                assert (folder / "media" / str(images[0])).stat().st_size > 1000
                assert manifest.missing == []
    assert len(acknowledged) > 100, "there was something to be wrong about"
    assert list((tmp_path / "site" / "media").glob(".backup-*")) == []


def test_a_restore_brings_all_back_under_a_running_service(tmp_path: Path) -> None:
    backup = tmp_path / "backup.tar.gz"
    with served(tmp_path / "site") as service:
        kept, changed = [service.file().json()["id"] for _ in range(2)]
        assert service.illustrate(kept).status_code == 200
        picture = service.get(f"/api/tickets/{kept}/image/").content
        made = json.loads(manage(service.settings, "write_backup", str(backup)))
        assert (made["tickets"], made["pictures"], made["missing"]) == (3, 1, 0)
        before = answers(service)

        added = service.file().json()["id"]
        assert service.illustrate(added).status_code == 200
        assert service.illustrate(kept).status_code == 200, "another picture in place of the first"
        service.session.delete(f"{service.base}/api/tickets/{changed}/", timeout=30)
        assert answers(service) != before

        restored = json.loads(manage(service.settings, "restore_backup", str(backup)))
        assert restored == made
        assert answers(service) == before
        assert service.get(f"/api/tickets/{kept}/image/").content == picture
        files = list((tmp_path / "site" / "media" / "images").iterdir())
        assert len(files) == 1, "pictures of tickets that are no more are gone too"
        assert service.file().status_code == 201
        again = tmp_path / "again.tar.gz"
        manage(service.settings, "restore_backup", str(backup))
        manage(service.settings, "write_backup", str(again))
        tables = [unpacked(path, tmp_path / path.stem).tables for path in (backup, again)]
        assert tables[0] == tables[1]


def test_a_file_that_is_no_good_changes_nothing(tmp_path: Path) -> None:
    settings = environment(tmp_path, MEDIA_ROOT=str(tmp_path / "media"))
    prepare(tmp_path, settings)
    backup, bad = tmp_path / "backup.tar.gz", tmp_path / "bad.tar.gz"
    manage(settings, "write_backup", str(backup))
    content = backup.read_bytes()
    manifest = unpacked(backup, tmp_path / "out")
    before = column(tmp_path / "db.sqlite3", "SELECT id FROM ticketing_ticket")
    manifest.migrations.append("ticketing.0099_of_tomorrow")
    with bad.open("wb") as file:
        archive.write(file, manifest, {"database": tmp_path / "out" / "database"})
    for spoilt, word in (
        (bad.read_bytes(), "newer version of the kit"),
        (content[: len(content) // 2], "cut short or damaged"),
        (b"PK\x03\x04 something else", "no backup of this kit"),
    ):
        bad.write_bytes(spoilt)
        for verb in ("check_backup", "restore_backup"):
            done = command(settings, verb, str(bad))
            assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
            assert word in done.stderr
    assert column(tmp_path / "db.sqlite3", "SELECT id FROM ticketing_ticket") == before


def test_a_disk_that_fills_up_while_restoring_leaves_the_old_data_serving(tmp_path: Path) -> None:
    backup = tmp_path / "large.tar.gz"
    donor = environment(tmp_path, MEDIA_ROOT=str(tmp_path / "media"))
    prepare(tmp_path, donor)
    manage(donor, "generate_tickets", "--count", "4000", "--output", str(tmp_path / "many.json"))
    manage(donor, "load_tickets", str(tmp_path / "many.json"))
    manage(donor, "write_backup", str(backup))
    with small_disk(tmp_path / "disk") as disk, served(disk) as service:
        service.file()
        before = answers(service)
        room = int(1.5 * (tmp_path / "db.sqlite3").stat().st_size)  # to take it apart, and not for the rest
        (disk / "filler").write_bytes(bytes(shutil.disk_usage(disk).free - room))
        done = command(service.settings, "restore_backup", str(backup))
        assert done.returncode == 1, done.stderr
        assert done.stderr == "CommandError: The disk is full, and nothing was changed; make room first.\n"
        assert answers(service) == before
        assert service.file().status_code == 201
        assert list((disk / "media").glob(".backup-*")) == []


def test_on_a_full_disk_a_backup_can_still_be_made(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk, served(disk) as service:
        manage(service.settings, "write_backup", str(tmp_path / "first.tar.gz"))
        fill(disk / "filler")
        made = json.loads(manage(service.settings, "write_backup", str(tmp_path / "second.tar.gz")))
        assert made["tickets"] == 1


def test_an_earlier_schema_is_kept_before_it_is_migrated_and_can_be_restored(tmp_path: Path) -> None:
    settings = environment(tmp_path, MEDIA_ROOT=str(tmp_path / "media"))
    manage(settings, "migrate", "ticketing", "0001", "--verbosity", "0")
    database = tmp_path / "db.sqlite3"
    with closing(sqlite3.connect(database)) as old:
        old.execute("INSERT INTO ticketing_department (id, name) VALUES (7, 'Network')")
        old.execute(
            "INSERT INTO ticketing_ticket"
            " (id, name, email, phone, issue, priority, created_at, department_id)"
            " VALUES (41, 'Ada', 'ada@example.com', '1', 'No link', 3, '2025-01-01 00:00:00', 7)"
        )
        old.commit()
    folder = tmp_path / "backups"
    manage(settings, "write_backup", "--before-migration", str(folder))
    (kept,) = folder.iterdir()
    manage(settings, "migrate", "--noinput", "--verbosity", "0")
    assert column(database, "SELECT id FROM ticketing_ticket") == [41]
    manage(settings, "write_backup", "--before-migration", str(folder))
    assert list(folder.iterdir()) == [kept], "there is no migration to come any more"
    with closing(sqlite3.connect(database)) as new:
        new.execute("UPDATE ticketing_ticket SET id = 42, status = 'closed'")
        new.commit()
    done = command(settings, "restore_backup", str(kept))
    assert done.returncode == 0, done.stderr
    assert "up to date" in done.stderr
    assert column(database, "SELECT id FROM ticketing_ticket WHERE status = 'open'") == [41]
    assert manage(settings, "migrate", "--check") == ""


def test_what_prepares_the_database_keeps_it_before_it_migrates() -> None:
    steps = (paths.ROOT / "deploy" / "images" / "migrate.sh").read_text()
    assert 0 < steps.index("write_backup --before-migration") < steps.index("manage.py migrate")


def test_two_backups_at_a_time_are_one_too_many(tmp_path: Path) -> None:
    settings = environment(tmp_path, MEDIA_ROOT=str(tmp_path / "media"))
    prepare(tmp_path, settings)
    (tmp_path / "media").mkdir(exist_ok=True)
    with (tmp_path / "media" / ".one-backup-at-a-time").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = command(settings, "write_backup", str(tmp_path / "x.tar.gz"))
    assert done.returncode == 1
    assert "another backup is being made or restored" in done.stderr
    assert not list(tmp_path.glob("*x.tar.gz*"))
    manage(settings, "write_backup", str(tmp_path / "x.tar.gz"))
