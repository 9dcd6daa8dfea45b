"""What Compose finds: secrets in files that others cannot reach, and none of them among its variables."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from lab import settings, stage, topology
from lab.errors import LabError
from lab.settings import Settings

URL = "https://discord.com/api/webhooks/42/a-secret-token"


def prepared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **changes: str) -> Path:
    monkeypatch.setenv("LAB_STATE", str(tmp_path))
    monkeypatch.setattr(stage, "resolve", lambda _: {"162.159.0.2", "162.159.0.1"})
    passwords = dict.fromkeys(settings.PASSWORDS, "a-secret-password")
    values = {**settings.defaults(), **passwords, **changes}
    stage.prepare(Settings(values), topology.read(values))
    return tmp_path


def test_no_secret_is_among_the_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = prepared(tmp_path, monkeypatch, DISCORD_WEBHOOK_URL=URL)
    assert "a-secret" not in (state / "compose.env").read_text()
    assert (state / "secrets/discord_webhook_url").read_text() == URL
    assert {user["password"] for user in json.loads((state / "secrets/users.json").read_text())} == {
        "a-secret-password"
    }


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_edge_asks_as_many_app_servers_as_the_settings_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    state = prepared(tmp_path, monkeypatch, REPLICAS=str(count), LAB_PREFIX="10.77")
    upstreams = ",".join(f"10.77.30.1{number}:8000" for number in range(1, count + 1))
    assert f"EDGE_UPSTREAMS={upstreams}\n" in (state / "compose.env").read_text()


def test_only_the_folder_keeps_others_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = prepared(tmp_path, monkeypatch) / "secrets"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for path in folder.iterdir():
        # The containers' users must read them, and their owner must be able to write them again.
        assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_the_stand_in_is_the_webhook_unless_there_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = prepared(tmp_path, monkeypatch)
    token = (state / "secrets/discord_stand_in_token").read_text()
    stand_in = f"http://203.0.113.80/api/webhooks/{stage.STAND_IN_WEBHOOK}/{token}"
    assert (state / "secrets/discord_webhook_url").read_text() == stand_in
    assert "ROUTER_WEBHOOKS=\n" in (state / "compose.env").read_text()
    prepared(tmp_path, monkeypatch, DISCORD_WEBHOOK_URL=URL)
    assert "ROUTER_WEBHOOKS=162.159.0.1,162.159.0.2\n" in (state / "compose.env").read_text()


def test_generated_secrets_stay_and_files_change_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = prepared(tmp_path, monkeypatch) / "secrets"
    key, inode = (secrets / "secret_key").read_text(), (secrets / "discord_webhook_url").stat().st_ino
    prepared(tmp_path, monkeypatch, DISCORD_WEBHOOK_URL=URL)
    assert (secrets / "secret_key").read_text() == key
    assert (secrets / "discord_webhook_url").stat().st_ino == inode, (
        "a running container would keep the old one"
    )


def test_a_webhook_that_cannot_be_resolved_opens_the_firewall_to_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stage, "resolve", lambda _: set())
    values = {**settings.defaults(), "DISCORD_WEBHOOK_URL": URL}
    with pytest.raises(LabError, match=r"names discord\.com, which cannot be resolved here") as caught:
        stage.compose_values(Settings(values), topology.read(values))
    assert "a-secret" not in str(caught.value)


def test_the_database_is_the_one_that_the_settings_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = (prepared(tmp_path, monkeypatch) / "compose.env").read_text()
    assert "LAB_DATABASE_URL=sqlite:////data/db.sqlite3\n" in values
    state = prepared(tmp_path, monkeypatch, DB="postgres", LAB_PREFIX="10.77", REPLICAS="3")
    values = (state / "compose.env").read_text()
    assert "LAB_DATABASE_URL=postgres://ticketing@10.77.30.20:5432/ticketing\n" in values
    assert "DB_CONNECTIONS=44\n" in values  # 3 servers, 2 workers, 4 threads, and 20
    password = (state / "secrets/database_password").read_text()
    assert len(password) >= 32
    assert password not in values
