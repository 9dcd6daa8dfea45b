from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from environs import ValidationError

from drf_jwt_backend.databases import database, serving

APP = Path(__file__).parents[3] / "app"
KEY = "k" * 32


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    argv = [sys.executable, *command]
    return subprocess.run(argv, cwd=APP, env=clean | environment, capture_output=True, text=True, check=False)


def assert_one_sentence(result: subprocess.CompletedProcess[str], *parts: str) -> None:
    assert result.returncode == 1
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    for part in parts:
        assert part in lines[0]


@pytest.mark.parametrize(
    "command",
    [
        ("manage.py", "check"),
        ("manage.py", "runserver"),
        ("-c", "import drf_jwt_backend.wsgi"),
        ("-m", "gunicorn", "--check-config"),
    ],
)
def test_a_missing_secret_key_is_one_sentence_everywhere(command: tuple[str, ...]) -> None:
    assert_one_sentence(run(*command), "SECRET_KEY", "is not set", "secrets.token_urlsafe")


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("SECRET_KEY", "too-short", "shorter than minimum length 32"),
        ("DEBUG", "perhaps", "true or false"),
        ("ALLOWED_HOSTS", "", "at least one host"),
        ("NUM_PROXIES", "-1", "say how many"),
        ("NUM_PROXIES", "two", "not a valid integer"),
        ("THROTTLE_FILE_TICKET", "often", "10/min"),
        ("THROTTLE_FILE_TICKET", "0/min", "10/min"),
        ("CSRF_TRUSTED_ORIGINS", "example.com", "http://localhost:8080"),
        ("LOG_LEVEL", "loud", "INFO"),
        ("DATABASE_URL", "mysql://db/x", "neither SQLite nor PostgreSQL"),
        ("DATABASE_URL", "nonsense", "not a database URL"),
        ("DATABASE_URL", "sqlite:////no/such/directory/db", "does not exist"),
        ("SECRET_KEY_FILE", "/no/such/file", "cannot be read"),
    ],
)
def test_a_wrong_setting_is_one_sentence(name: str, value: str, reason: str) -> None:
    result = run("manage.py", "check", **({"SECRET_KEY": KEY} | {name: value}))
    assert_one_sentence(result, name, reason)


def test_a_secret_is_never_quoted() -> None:
    assert "hunter2" not in run("manage.py", "check", SECRET_KEY="hunter2").stderr
    result = run("manage.py", "check", SECRET_KEY=KEY, DATABASE_URL="mysql://root:hunter2@db/x")
    assert "hunter2" not in result.stderr


def test_gunicorn_refuses_a_wrong_number_of_workers() -> None:
    result = run("-m", "gunicorn", "--check-config", SECRET_KEY=KEY, WEB_WORKERS="many")
    assert_one_sentence(result, "WEB_WORKERS", "how many")


def test_gunicorn_takes_the_configuration() -> None:
    result = run("-m", "gunicorn", "--check-config", SECRET_KEY=KEY)
    assert (result.returncode, result.stderr) == (0, "")


def test_a_secret_can_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n")
    show = "from drf_jwt_backend import settings; print(settings.SECRET_KEY, settings.ALLOWED_HOSTS)"
    result = run("-c", show, SECRET_KEY_FILE=str(tmp_path / "key"))
    assert result.stdout == f"{KEY} ['10.10.10.1', 'localhost', '127.0.0.1']\n"


def test_the_api_gets_its_limits_from_the_environment() -> None:
    show = (
        "from drf_jwt_backend.settings import REST_FRAMEWORK as r;"
        "print(r['NUM_PROXIES'], r['DEFAULT_THROTTLE_RATES']['file_ticket'])"
    )
    assert run("-c", show, SECRET_KEY=KEY).stdout == "0 10/min\n"
    assert (
        run("-c", show, SECRET_KEY=KEY, NUM_PROXIES="2", THROTTLE_FILE_TICKET="3/hour").stdout == "2 3/hour\n"
    )


def test_sqlite_is_tuned(tmp_path: Path) -> None:
    config = database(f"sqlite:///{tmp_path}/db.sqlite3")
    assert config["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert config["OPTIONS"]["timeout"] > 0
    assert config["CONN_MAX_AGE"] is None
    assert not config.get("ATOMIC_REQUESTS")


def test_a_sqlite_file_is_in_wal_mode(tmp_path: Path) -> None:
    show = (
        "import django; django.setup(); from django.db import connection as c; k = c.cursor();"
        "names = ('journal_mode', 'synchronous', 'busy_timeout');"
        "print([k.execute(f'PRAGMA {name}').fetchone()[0] for name in names])"
    )
    environment = {"SECRET_KEY": KEY, "DJANGO_SETTINGS_MODULE": "drf_jwt_backend.settings"}
    result = run("-c", show, DATABASE_URL=f"sqlite:///{tmp_path}/db.sqlite3", **environment)
    assert result.stdout == "['wal', 2, 10000]\n"


def test_postgresql_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drf_jwt_backend.databases.find_spec", lambda _: object())
    config = database("postgres://ticketing:s%40crt@10.10.30.20:5432/ticketing")
    assert config["ENGINE"] == "django.db.backends.postgresql"
    assert (config["HOST"], config["PORT"], config["PASSWORD"]) == ("10.10.30.20", 5432, "s@crt")
    assert config["CONN_MAX_AGE"] == 0


def test_whoever_serves_has_a_pool_and_patience_with_an_end() -> None:
    config = serving(database("postgres://ticketing@10.10.30.20/ticketing"), "from a file", pool=4)
    assert config["PASSWORD"] == "from a file"
    assert config["OPTIONS"]["pool"]["max_size"] == 4
    assert "statement_timeout" in config["OPTIONS"]["options"]
    assert (config["CONN_MAX_AGE"], config["CONN_HEALTH_CHECKS"]) == (0, True)


def test_a_command_has_no_pool_and_all_the_time_that_it_takes() -> None:
    config = serving(database("postgres://ticketing:inside@10.10.30.20/ticketing"), "from a file", pool=0)
    assert config["PASSWORD"] == "inside"
    assert not {"pool", "options"} & set(config["OPTIONS"])


def test_sqlite_has_no_pool_and_gets_no_password(tmp_path: Path) -> None:
    config = database(f"sqlite:///{tmp_path}/db.sqlite3")
    assert serving(config, "from a file", pool=4) == config


def test_postgresql_without_its_driver_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drf_jwt_backend.databases.find_spec", lambda _: None)
    with pytest.raises(ValidationError, match="psycopg"):
        database("postgres://db/x")


def test_the_deployment_check_misses_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    # What is silenced, and why, is in the settings.
    call_command("check", "--deploy", "--tag", "security")
    warned = {word.strip("?:()") for word in capsys.readouterr().err.split() if word.startswith("(security.")}
    assert warned == set()


@pytest.mark.django_db
def test_models_and_migrations_agree() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
