"""Bad settings: each is one sentence that names the file, the setting and the mend."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from lab import paths, settings
from lab.errors import LabError
from ticketing.services.generator import DEPARTMENTS

CHANGES = [
    ("LAB_PREFIX=10.10", "LAB_PREFIX=10.300", "LAB_PREFIX '10.300' is no beginning of an IPv4 address"),
    ("LAB_PREFIX=10.10", "LAB_PREFIX=ten", "LAB_PREFIX must be the first two bytes of an address"),
    ("LAB_PREFIX=10.10", "LAB_PREFX=10.10", "LAB_PREFX is no setting; did you mean LAB_PREFIX?"),
    ("LAB_PREFIX=10.10", "LAB_PREFIX=10.77", "ALLOWED_HOSTS lacks 10.77.10.1"),
    ("LAB_BRIDGES=tl", "LAB_BRIDGES=ticketlab", "LAB_BRIDGES must be at most 6"),
    ("EDGE_PORT=8080", "EDGE_PORT=80800", "EDGE_PORT '80800' is no port"),
    ("EDGE_PORT=8080", "EDGE_PORT=http", "EDGE_PORT must be a port number"),
    ("EDGE_PORT=8080", "EDGE_PORT=8089", "LOCUST_PORT is 8089, as EDGE_PORT is; give each its own port"),
    (
        "LAB_INTERNET=203.0.113",
        "LAB_INTERNET=10.10.20",
        "LAB_INTERNET is a network of LAB_PREFIX=10.10 already",
    ),
    ("10.10.10.1,localhost", "10.10.10.1,-bad-", "ALLOWED_HOSTS must be names and addresses"),
    ("10.10.10.1,localhost", "10.10.10.1,..", "ALLOWED_HOSTS must be names and addresses"),
    ("REPLICAS=2", "REPLICAS=5", "REPLICAS must be 1, 2 or 3"),
    ("NOTIFIER=off", "NOTIFIER=yes", "NOTIFIER must be on or off, but 'yes' is not"),
    ("DB=sqlite", "DB=mysql", "DB must be sqlite or postgres"),
    ("SEED_COUNT=1300", "SEED_COUNT=many", "SEED_COUNT must be a number of tickets"),
    (
        "DISCORD_CHANNEL_LIMIT=30/60",
        "DISCORD_CHANNEL_LIMIT=30",
        "DISCORD_CHANNEL_LIMIT must be requests/seconds",
    ),
]


@pytest.fixture
def env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "env"
    monkeypatch.setenv("LAB_ENV_FILE", str(path))
    monkeypatch.setenv("LAB_STATE", str(tmp_path / "state"))
    return path


@pytest.mark.usefixtures("env")
def test_missing_file_names_the_command_that_writes_it() -> None:
    with pytest.raises(LabError, match=r"there is no .*env yet; make up writes it"):
        settings.load()


def test_the_example_itself_is_valid_once_passwords_are_made_up(env: Path) -> None:
    made = settings.ensure()
    assert len({made[name] for name in settings.PASSWORDS}) == 5
    assert settings.passwords_to_show()
    assert stat.S_IMODE(env.stat().st_mode) == 0o600
    settings.passwords_shown()
    assert settings.ensure() == made
    assert not settings.passwords_to_show()


def test_an_older_env_gets_the_users_it_does_not_know(env: Path) -> None:
    env.write_text("REPLICAS=3\nINSTRUCTOR_PASSWORD=chosen-by-me\nSTUDENT1_PASSWORD=and-this-too")
    made = settings.ensure()
    assert (made["INSTRUCTOR_PASSWORD"], made["STUDENT1_PASSWORD"]) == ("chosen-by-me", "and-this-too")
    assert made.replicas == 3
    assert all(made[name] for name in settings.PASSWORDS)
    assert settings.passwords_to_show()
    text = env.read_text()
    assert settings.ensure() == made
    assert env.read_text() == text


def test_agents_work_in_the_seeded_departments(env: Path) -> None:
    users = {user["username"]: user for user in settings.ensure().users}
    assert users["agent1"]["departments"] == DEPARTMENTS[:5]
    assert users["agent2"]["departments"] == DEPARTMENTS[5:]
    assert [user["role"] for user in users.values()] == ["instructor", "agent", "agent", "student", "student"]
    assert "departments" not in users["student1"]


def test_every_setting_of_the_example_is_known() -> None:
    assert set(settings.defaults()) == set(settings.FORMS)


@pytest.mark.parametrize(("line", "changed", "sentence"), CHANGES)
def test_bad_value(env: Path, line: str, changed: str, sentence: str) -> None:
    settings.ensure()
    text = env.read_text()
    assert line in text
    env.write_text(text.replace(line, changed))
    with pytest.raises(LabError) as caught:
        settings.load()
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_wrong_webhook_is_refused_without_being_shown(env: Path) -> None:
    settings.ensure()
    env.write_text(
        env.read_text().replace("DISCORD_WEBHOOK_URL=", "DISCORD_WEBHOOK_URL=https://hook/secret-token")
    )
    with pytest.raises(LabError) as caught:
        settings.load()
    assert "DISCORD_WEBHOOK_URL" in str(caught.value)
    assert "secret-token" not in str(caught.value)


def test_user_edits_and_comments_survive(env: Path) -> None:
    env.write_text(paths.ENV_EXAMPLE.read_text().replace("REPLICAS=2", "# mine\nREPLICAS=3"))
    assert settings.ensure().replicas == 3
    assert "# mine" in env.read_text()


@pytest.mark.usefixtures("env")
def test_threads_that_postgresql_has_no_connections_for_are_refused() -> None:
    settings.ensure()
    many = {"REPLICAS": "3", "WEB_WORKERS": "8", "WEB_THREADS": "8"}
    settings.load().replaced(many)
    with pytest.raises(LabError, match="WEB_WORKERS makes 192 threads in all"):
        settings.load().replaced({**many, "DB": "postgres"})


def test_a_setting_is_kept_in_the_place_where_it_stands(env: Path) -> None:
    settings.ensure()
    before = env.read_text()
    settings.keep("DB", "postgres")
    assert env.read_text() == before.replace("DB=sqlite\n", "DB=postgres\n")
    assert stat.S_IMODE(env.stat().st_mode) == 0o600
    env.write_text(before.replace("DB=sqlite\n", ""))
    settings.keep("DB", "postgres")
    assert settings.load().postgres


def test_a_setting_that_is_wrong_is_not_kept(env: Path) -> None:
    settings.ensure()
    with pytest.raises(LabError, match="DB must be sqlite or postgres"):
        settings.keep("DB", "mysql")
    assert settings.load()["DB"] == "sqlite"
