"""Switching HTTPS: what a refusal by Nginx leaves behind, and what the verbs say."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from lab import lan, lifecycle, settings, topology
from lab.cli import edge
from lab.errors import ExitCode, LabError
from lab.settings import Settings
from lab.tls import files, switch, vm_trust

SETTINGS = Settings(settings.defaults())
PLAN = topology.read(SETTINGS.values)


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_STATE", str(tmp_path))
    monkeypatch.setattr(lifecycle, "current", lambda: (SETTINGS, PLAN))
    monkeypatch.setattr(switch, "container", lambda *_: "edge")
    monkeypatch.setattr(vm_trust, "LOCAL", tmp_path / "anchors")


def contents() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (files.folder() / "edge").glob("*")}


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What the edge was given at each rendering; it refuses the option `hsts`."""
    given: list[list[str]] = []

    def docker(*_: str) -> str:
        given.append(files.options() if files.is_on() else ["off"])
        if "hsts" in given[-1]:
            raise LabError("docker exec failed: nginx says no")
        return ""

    monkeypatch.setattr(switch, "docker", docker)
    return given


@pytest.mark.parametrize("was_on", [True, False])
def test_a_refusal_leaves_all_as_it_was(rendered: list[list[str]], was_on: bool) -> None:
    if was_on:
        files.renew(SETTINGS, datetime.now(UTC))
        files.set_options(["redirect"])
    before = contents() if was_on else {}
    with pytest.raises(LabError, match="nginx says no"):
        switch.turn_on(SETTINGS, PLAN, ["hsts"])
    assert contents() == before
    assert rendered == [["hsts"], ["redirect"] if was_on else ["off"]], "and the edge has it again"


def test_without_an_edge_nothing_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(*_: str) -> str:
        raise LabError("host edge is not running; run: make up", ExitCode.UNMEASURED)

    monkeypatch.setattr(switch, "container", absent)
    with pytest.raises(LabError):
        switch.turn_on(SETTINGS, PLAN, [])
    assert not files.folder().exists()


def test_an_edge_that_does_not_answer_is_no_success(
    rendered: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> switch.Handshake:
        raise ConnectionRefusedError

    monkeypatch.setattr(switch, "handshake", refused)
    monkeypatch.setattr(switch, "PATIENCE", 0.0)
    with pytest.raises(LabError, match=r"^no good TLS handshake with 10\.10\.10\.1:443; run make up") as told:
        switch.turn_on(SETTINGS, PLAN, [])
    assert told.value.exit_code == ExitCode.UNMEASURED


# --- The verbs -----------------------------------------------------------------------------------------


def lab(*words: str, answer: str = "") -> Result:
    return CliRunner().invoke(edge.app, list(words), input=answer)


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ([], []),
        (["--redirect", "--hsts", "--no-tls12"], ["redirect", "hsts", "tls1.3-only"]),
        (["--no-redirect", "--hsts"], ["hsts"]),
    ],
)
def test_options_of_on(monkeypatch: pytest.MonkeyPatch, words: list[str], options: list[str]) -> None:
    chosen: list[str] = []
    agreed = switch.Handshake("TLSv1.3", "h2", "TLS_AES_128_GCM_SHA256", b"")

    def turn_on(_: Settings, __: topology.Topology, given: list[str]) -> tuple[list[str], switch.Handshake]:
        chosen.extend(given)
        return [], agreed

    monkeypatch.setattr(switch, "turn_on", turn_on)
    done = lab("tls", "on", *words)
    assert chosen == options
    assert "https://10.10.10.1/ answers: TLS 1.3, HTTP/2, TLS_AES_128_GCM_SHA256" in done.output


def test_status_while_off() -> None:
    done = lab("tls", "status")
    assert (done.exit_code, done.output) == (0, "HTTPS is off; make tls switches it on\n")


def test_status_never_calls_a_dead_edge_healthy(monkeypatch: pytest.MonkeyPatch) -> None:
    files.renew(SETTINGS, datetime.now(UTC))

    def timed_out(*_: object) -> switch.Handshake:
        raise TimeoutError("timed out")

    monkeypatch.setattr(switch, "handshake", timed_out)
    done = lab("tls", "status")
    assert "names  10.10.10.1, localhost, 127.0.0.1, edge" in done.output
    assert isinstance(done.exception, LabError)
    assert done.exception.exit_code == ExitCode.UNMEASURED


def test_trust_ca() -> None:
    assert str(lab("trust-ca").exception) == "the lab has no certificate authority yet; run: make tls"
    files.renew(SETTINGS, datetime.now(UTC))
    assert lab("trust-ca", "--host", "client").exit_code == 0
    assert files.trusting() == ["client"]
    assert lab("trust-ca").exit_code == 0
    assert files.trusting() == ["client", "locust", "worker"]
    assert lab("trust-ca", "--remove").exit_code == 0
    assert files.trusting() == []
    refused = lab("trust-ca", "--host", "router").exception
    assert isinstance(refused, LabError)
    assert refused.exit_code == ExitCode.USAGE
    assert str(refused) == "'router' is no client host; those that can trust are client, locust, worker"


@pytest.mark.parametrize(("answer", "changed"), [("y\n", True), ("n\n", False)])
def test_the_vm_is_changed_only_after_a_yes(
    monkeypatch: pytest.MonkeyPatch, answer: str, changed: bool
) -> None:
    files.renew(SETTINGS, datetime.now(UTC))
    trusted: list[str] = []
    monkeypatch.setattr(vm_trust, "trust", trusted.append)
    done = lab("trust-ca", "--vm", answer=answer)
    assert (trusted == ["ticketlab"]) == changed
    assert (done.exit_code == 0) == changed


def test_what_a_classmate_is_told_avoids_every_address_in_use() -> None:
    told = lan.neighbours_guide("eth1", PLAN, lan.dynamic_range(SETTINGS))
    assert "ip address add 10.10.10.130/24 dev eth1" in told
    assert "curl http://10.10.10.1/edge-healthz" in told
    assert "10.10.10.64 to 10.10.10.127" in told
    assert lan.dynamic_range(SETTINGS).overlaps(PLAN.zones["lab"].subnet)
    for last in range(130, 200):
        assert PLAN.zones["lab"].subnet[last] not in lan.dynamic_range(SETTINGS)
