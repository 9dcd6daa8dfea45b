"""The configuration itself: what render.sh refuses, and what the linters say of what it writes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lab import paths
from lab.dev import DevPorts, check_commands
from lab.errors import ExitCode, LabError

RENDER = paths.ROOT / "nginx" / "render.sh"
GIXY = Path(sys.executable).with_name("gixy")


def settings(run_dir: Path, **changes: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"] + ":/usr/sbin",
        "EDGE_LISTEN": "8080",
        "EDGE_SERVER_NAMES": "10.10.10.1, localhost, .lab.example",
        "EDGE_UPSTREAMS": "10.10.30.11:8000 10.10.30.12:8000 ",
        "EDGE_STATIC_ROOT": "/srv/static files",
        "EDGE_MEDIA_ROOT": "/data/media",
        "EDGE_RUN_DIR": str(run_dir),
        **changes,
    }


def render(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([RENDER], env=environment, capture_output=True, text=True, check=False)


def rendered(run_dir: Path, name: str) -> str:
    return (run_dir / "conf" / "rendered" / f"{name}.conf").read_text()


def test_rendered_files(tmp_path: Path) -> None:
    assert render(settings(tmp_path)).returncode == 0
    assert rendered(tmp_path, "listen") == "listen 8080;\n"
    assert rendered(tmp_path, "static_root") == 'alias "/srv/static files/";\n'
    assert rendered(tmp_path, "docs_root") == "return 404;\n"
    assert rendered(tmp_path, "media_root") == 'alias "/data/media/";\n'
    names = rendered(tmp_path, "server_name").removesuffix(";\n").split()
    assert sorted(names) == sorted(["server_name", ".lab.example", "10.10.10.1", "127.0.0.1", "localhost"])
    assert rendered(tmp_path, "upstream_servers").splitlines() == [
        "server 10.10.30.11:8000 max_fails=2 fail_timeout=5s;",
        "server 10.10.30.12:8000 max_fails=2 fail_timeout=5s;",
        "server 10.10.30.11:8000 backup max_fails=0;",
        "server 10.10.30.12:8000 backup max_fails=0;",
    ]


def test_the_docs_have_a_folder(tmp_path: Path) -> None:
    assert render(settings(tmp_path, EDGE_DOCS_ROOT="/srv/docs/html/")).returncode == 0
    assert rendered(tmp_path, "docs_root") == 'alias "/srv/docs/html/";\n'


def test_a_turnstile_stands_while_there_is_a_file(tmp_path: Path) -> None:
    assert render(settings(tmp_path)).returncode == 0
    assert rendered(tmp_path, "pace") == ""
    (tmp_path / "pace").write_text("20\n")
    assert render(settings(tmp_path)).returncode == 0
    assert "limit_req_zone $edge_paced zone=pace:64k rate=20r/s;\n" in rendered(tmp_path, "pace")
    (tmp_path / "pace").write_text("20r/s\n")
    assert "pace has the ill-formed value '20r/s'" in render(settings(tmp_path)).stderr


def test_another_limit_on_log_ins_is_that_of_a_file(tmp_path: Path) -> None:
    shipped = (RENDER.parent / "nginx.conf").read_text()
    assert render(settings(tmp_path)).returncode == 0
    assert (tmp_path / "conf/nginx.conf").read_text() == shipped
    (tmp_path / "login_limit").write_text("6 15\n")
    assert render(settings(tmp_path)).returncode == 0
    expected = shipped.replace("zone=logins:10m rate=5r/s", "zone=logins:10m rate=6r/s")
    expected = expected.replace("zone=logins burst=100 ", "zone=logins burst=15 ")
    assert (tmp_path / "conf/nginx.conf").read_text() == expected
    (tmp_path / "login_limit").write_text("6r/s; 15\n")
    refused = render(settings(tmp_path))
    assert refused.returncode == 2
    assert "login_limit has the ill-formed value '6r/s; 15'; give it a value like 5 100." in refused.stderr


@pytest.mark.parametrize(
    ("chosen", "zone"), [({}, "answers"), ({"EDGE_CACHE": "on"}, "answers"), ({"EDGE_CACHE": "off"}, "off")]
)
def test_the_cache_is_switched_by_one_word(tmp_path: Path, chosen: dict[str, str], zone: str) -> None:
    assert render(settings(tmp_path, **chosen)).returncode == 0
    assert rendered(tmp_path, "cache") == f"proxy_cache {zone};\n"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EDGE_LISTEN", ""),
        ("EDGE_LISTEN", "eighty"),
        ("EDGE_LISTEN", "80; return 200"),
        ("EDGE_SERVER_NAMES", ""),
        ("EDGE_SERVER_NAMES", "*"),
        ("EDGE_SERVER_NAMES", "localhost\nevil.example"),
        ("EDGE_UPSTREAMS", ""),
        ("EDGE_UPSTREAMS", "10.10.30.11"),
        ("EDGE_LIVE_UPSTREAM", "10.10.30.14"),
        ("EDGE_LIVE_UPSTREAM", "10.10.30.14:8000; }"),
        ("EDGE_STATIC_ROOT", "static"),
        ("EDGE_STATIC_ROOT", '/srv"; autoindex on; #'),
        ("EDGE_MEDIA_ROOT", ""),
        ("EDGE_MEDIA_ROOT", "../media"),
        ("EDGE_CACHE", "maybe"),
        ("EDGE_RUN_DIR", ""),
        ("EDGE_ACCESS_LOG", "/var/log/$host"),
    ],
)
def test_a_wrong_setting_is_refused_in_one_sentence(tmp_path: Path, name: str, value: str) -> None:
    run_dir = tmp_path / "run"
    done = render(settings(run_dir, **{name: value}))
    assert done.returncode == 2
    assert done.stderr.startswith(f"render.sh: {name} ")
    assert "give it a value like" in done.stderr
    assert not run_dir.exists()


@pytest.mark.parametrize("live", ["", "10.10.30.14:8000"])
def test_nginx_accepts_the_configuration(tmp_path: Path, live: str) -> None:
    environment = settings(tmp_path, EDGE_LIVE_UPSTREAM=live)
    render(environment)
    nginx = ["nginx", "-t", "-e", "stderr", "-p", str(tmp_path), "-c", "conf/nginx.conf"]
    done = subprocess.run(nginx, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr


def test_gixy_finds_nothing(tmp_path: Path) -> None:
    render(settings(tmp_path, EDGE_LIVE_UPSTREAM="10.10.30.14:8000"))
    done = subprocess.run(
        [GIXY, tmp_path / "conf" / "nginx.conf"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "environment",
    [
        {"EDGE_PORT": "0"},
        {"EDGE_PORT": "65536"},
        {"EDGE_PORT": "8080,8081"},
        {"APP_PORTS": "8001;8002"},
        {"LIVE_PORT": "8003,8004"},
        {"LIVE_PORT": "8002"},
        {"DISCORD_PORT": "http"},
        {"EDGE_PORT": "8001"},
    ],
)
def test_wrong_ports_are_refused(environment: dict[str, str]) -> None:
    with pytest.raises(LabError) as refused:
        DevPorts.from_environment(environment)
    assert refused.value.exit_code == ExitCode.USAGE
    assert next(iter(environment)) in str(refused.value)


def test_ports_come_from_the_environment() -> None:
    chosen = DevPorts.from_environment({"EDGE_PORT": "81", "APP_PORTS": "82,83,84", "DISCORD_PORT": ""})
    assert chosen == DevPorts(edge=81, apps=(82, 83, 84), discord=8090)


def test_a_missing_command_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(LabError, match=r"^setpriv is not installed; run: sudo apt-get install util-linux$"):
        check_commands()
