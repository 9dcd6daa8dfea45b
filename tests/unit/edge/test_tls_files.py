"""The files of HTTPS: made once, renewed when they must be, and readable by nobody who need not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lab import settings
from lab.errors import LabError
from lab.settings import Settings
from lab.tls import authority, files

NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_STATE", str(tmp_path))


def given(**changes: str) -> Settings:
    return Settings({**settings.defaults(), **changes})


def contents() -> dict[str, bytes]:
    folder = files.folder()
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def mode(name: str) -> int:
    return (files.folder() / name).stat().st_mode & 0o777


def test_the_second_time_nothing_is_made() -> None:
    assert files.renew(given(), NOW) == ["a certificate authority", "a certificate for the edge"]
    before = contents()
    assert files.renew(given(), NOW) == []
    assert contents() == before


def test_keys_are_kept_from_others() -> None:
    files.renew(given(), NOW)
    assert mode(".") == 0o700
    assert mode("ca.key") == 0o600
    assert mode("edge/edge.key") == 0o644, "Nginx in the container is another user"
    mounted = [name for name, content in contents().items() if "/" in name and b"PRIVATE KEY" in content]
    assert mounted == ["edge/edge.key"], "the authority's key must be in no folder that a container sees"


def test_the_certificate_is_for_all_names() -> None:
    files.renew(given(ALLOWED_HOSTS="10.10.10.1,tickets.example"), NOW)
    names = authority.names_of(files.certificate("edge/edge.crt"))
    assert names == ["10.10.10.1", "tickets.example", "localhost", "127.0.0.1", "edge"]


def test_new_names_make_a_new_authority_that_the_same_hosts_trust() -> None:
    files.renew(given(), NOW)
    files.trust("client")
    assert len(files.renew(given(ALLOWED_HOSTS="10.10.10.1,tickets.example"), NOW)) == 2
    assert files.trusting() == ["client"]
    trusted = files.folder() / "trust/client" / f"{authority.subject_hash()}.0"
    assert trusted.read_bytes() == files.ca_file().read_bytes()


def test_a_certificate_about_to_end_is_renewed_by_the_same_authority() -> None:
    files.renew(given(), NOW)
    ca = files.ca_file().read_bytes()
    assert files.renew(given(), NOW + timedelta(days=334)) == []
    assert files.renew(given(), NOW + timedelta(days=336)) == ["a certificate for the edge"]
    assert files.ca_file().read_bytes() == ca


@pytest.mark.parametrize("name", ["ca.key", "ca.crt", "edge/edge.key", "edge/edge.crt"])
@pytest.mark.parametrize("content", [b"", b"-----BEGIN CERTIFICATE-----\nnonsense\n"])
def test_a_broken_file_is_made_again(name: str, content: bytes) -> None:
    files.renew(given(), NOW)
    (files.folder() / name).write_bytes(content)
    assert "a certificate for the edge" in files.renew(given(), NOW)
    assert files.renew(given(), NOW) == []


def test_off_keeps_the_authority() -> None:
    files.renew(given(), NOW)
    files.set_options(["redirect"])
    assert files.is_on()
    files.remove_edge()
    assert not files.is_on()
    assert sorted(contents()) == ["ca.crt", "ca.key"]
    files.refresh(given())
    assert not files.is_on(), "make up must not switch HTTPS on"


def test_up_renews_only_what_is_on() -> None:
    files.renew(given(), NOW)
    files.refresh(given(ALLOWED_HOSTS="10.10.10.1,tickets.example"))
    assert "tickets.example" in authority.names_of(files.certificate("edge/edge.crt"))


def test_trust_before_there_is_an_authority() -> None:
    with pytest.raises(LabError, match=r"^the lab has no certificate authority yet; run: make tls$"):
        files.trust("client")
    assert files.trusting() == []


def test_trust_and_back() -> None:
    files.renew(given(), NOW)
    files.trust("client")
    files.trust("locust")
    files.distrust("client")
    assert files.trusting() == ["locust"]
