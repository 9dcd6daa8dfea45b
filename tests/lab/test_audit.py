"""The audit of the lab as it is shipped, and of one in which real weaknesses were planted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab import engine, images, paths
from lab.engine import docker
from tests.lab.conftest import Lab

PROJECT = "ticketlab-test"
IMAGE = "ticketlab-test-plant"


def audit(lab: Lab, *words: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """The exit code, and the checks by their ids."""
    done = lab.run("audit", "--json", *words)
    assert done.stdout, done.stderr
    document = json.loads(done.stdout)
    assert document["remarks"] == []
    return done.returncode, {check["id"]: check for check in document["checks"]}


def test_the_lab_as_shipped_has_nothing_above_info_without_a_waiver(lab: Lab) -> None:
    code, checks = audit(lab)
    above = [one for one in checks.values() if one["level"] != "INFO"]
    bad = [one for one in above if one["verdict"] not in ("passed", "waived")]
    assert [(one["id"], one["findings"], one["reason"]) for one in bad] == []
    assert code == 0


@pytest.fixture(scope="module")
def planted(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, dict[str, Any]]]:
    """What the audit says of three families with a row of weaknesses planted; all are taken out again."""
    env = Path(lab.environment["LAB_ENV_FILE"])
    key = lab.state("secrets/secret_key").read_text()
    mine = tmp_path_factory.mktemp("firewall") / "mine.nft"
    mine.write_text(with_a_door())
    try:
        image_with(key)
        plant_hosts()
        docker("exec", "--detach", engine.container(PROJECT, "client"), "nc", "-lk", "2323")
        env.chmod(0o644)
        assert lab.run("firewall", "apply", str(mine)).returncode == 0
        words = (word for family in ("containers", "secrets", "network") for word in ("--family", family))
        code, checks = audit(lab, *words)
        assert code == 1, [one["reason"] for one in checks.values() if one["verdict"] == "unmeasured"]
        yield checks
    finally:
        env.chmod(0o600)
        docker("rm", "--force", IMAGE, f"{IMAGE}-idle")
        docker("rmi", IMAGE)
        lab.output(
            "client", "sh", "-c", "kill $(ss -Hltnp sport = :2323 | sed 's/.*pid=\\([0-9]*\\).*/\\1/')"
        )
        assert lab.run("firewall", "apply").returncode == 0


def with_a_door() -> str:
    """The shipped rules, and one that lets clients past the reverse proxy."""
    shipped = (paths.ROOT / "deploy/firewall/router.nft").read_text()
    rule = "    chain clients_to_backend {\n"
    assert rule in shipped
    return shipped.replace(rule, f"{rule}        tcp dport 8000 accept\n")


def image_with(secret: str) -> None:
    """An image whose history holds a secret."""
    source = docker("create", images.name("client")).strip()
    docker("commit", "--change", f"ENV SECRET_KEY={secret}", source, IMAGE)
    docker("rm", source)


def plant_hosts() -> None:
    """Two hosts more: one with /etc and the engine's socket that logs a secret; and a privileged one.

    The latter is not started, which not every VM would allow; it is found all the same.
    """
    docker(
        *("run", "--detach", "--init", "--name", IMAGE, *labels("plant"), "--network", f"{PROJECT}_lab"),
        *("--volume", "/etc:/mnt/etc", "--volume", "/var/run/docker.sock:/var/run/docker.sock"),
        *("--publish", "127.0.0.1:18099:80"),
        *(IMAGE, "sh", "-c", 'echo "the key is $SECRET_KEY"; exec sleep 600'),
    )
    docker(
        *("create", "--name", f"{IMAGE}-idle", *labels("idle"), "--privileged", "--pid", "host"),
        *(images.name("client"), "sleep", "600"),
    )


def labels(host: str) -> list[str]:
    """What makes a container a host of the lab's."""
    pairs = (f"project={PROJECT}", f"service={host}")
    return [word for pair in pairs for word in ("--label", f"com.docker.compose.{pair}")]


@pytest.mark.parametrize(
    ("check", "where"),
    [
        ("CIS-4.1", "plant"),
        ("CIS-5.3", "plant"),
        ("CIS-5.4", "idle"),
        ("CIS-5.5", "plant"),
        ("CIS-5.8", "plant"),
        ("CIS-5.10", "plant"),
        ("CIS-5.12", "plant"),
        ("CIS-5.15", "idle"),
        ("CIS-5.25", "plant"),
        ("CIS-5.26", "plant"),
        ("CIS-5.28", "plant"),
        ("CIS-5.29", "idle"),
        ("CIS-5.31", "plant"),
        ("CTR-STRANGER", "plant"),
        ("CTR-WRITABLE", "plant"),
        ("SEC-IMAGES", f"{IMAGE}: its description"),
        ("SEC-ENVIRONMENT", "plant"),
        ("SEC-LOGS", "plant"),
        ("SEC-MODES", "env"),
        ("NET-OPEN", "clients → app1"),
        ("NET-LISTEN", "client"),
    ],
)
def test_a_planted_weakness_is_found(planted: dict[str, dict[str, Any]], check: str, where: str) -> None:
    assert planted[check]["verdict"] == "failed"
    assert where in [finding["where"] for finding in planted[check]["findings"]]


def test_no_secret_is_printed(lab: Lab, planted: dict[str, dict[str, Any]]) -> None:
    assert lab.state("secrets/secret_key").read_text() not in json.dumps(planted)
