"""A secret is found wherever it was put: in a layer, a log, a repository; and it is never shown."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import tarfile
from pathlib import Path

import pytest

from lab import paths, settings
from lab.audit.model import UnmeasuredError
from lab.audit.secrets import evidence, known, repository, scan
from lab.audit.secrets.scan import Hit, Needles

SECRET = b"correct-horse-battery"
NEEDLES = Needles({"the key": SECRET})


def tar(files: dict[str, bytes]) -> bytes:
    """A tar file."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def saved(*layers: bytes, config: bytes = b"{}") -> io.BytesIO:
    """What `docker save` writes of an image with these layers."""
    names = [f"{number}/layer.tar" for number in range(len(layers))]
    manifest = [{"Config": "config.json", "RepoTags": ["ticketlab/app:latest"], "Layers": names}]
    parts = {**dict(zip(names, layers, strict=True)), "config.json": config}
    return io.BytesIO(tar({**parts, "manifest.json": json.dumps(manifest).encode()}))


def test_a_stream_is_searched_across_the_edges_of_its_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "CHUNK", 8)
    for before in range(20):
        assert NEEDLES.within_stream(io.BytesIO(b"x" * before + SECRET + b"y" * 9)) == {"the key"}
    assert NEEDLES.within_stream(io.BytesIO(SECRET[:-1] + b"z" * 40)) == set()


def test_a_pattern_is_found_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "CHUNK", 64)
    line = b"GET /api/me Bearer eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoiNSJ9." + b"S" * 43 + b"\n"
    needles = Needles({}, {"an access token": evidence.ACCESS_TOKEN})
    assert needles.within_stream(io.BytesIO(b"." * 50 + line)) == {"an access token"}
    assert needles.within_stream(io.BytesIO(line.replace(b"eyJ", b"xyz"))) == set()


@pytest.mark.parametrize("form", [bytes, gzip.compress])
def test_a_secret_in_a_layer_is_found_though_a_later_one_deletes_it(form: type[bytes]) -> None:
    layers = [tar({"srv/app/.env": b"KEY=" + SECRET}), tar({"srv/app/.wh..env": b""})]
    hits = scan.in_images(saved(*(form(layer) for layer in layers)), NEEDLES)
    assert hits == {Hit("ticketlab/app: /srv/app/.env", "the key")}


def test_a_secret_in_an_images_history_is_found() -> None:
    history = json.dumps({"history": [{"created_by": f"RUN KEY={SECRET.decode()} make"}]}).encode()
    assert scan.in_images(saved(tar({"a": b""}), config=history), NEEDLES) == {
        Hit("ticketlab/app: its description", "the key")
    }


def test_a_clean_image_is_clean() -> None:
    assert scan.in_images(saved(tar({"a": b"nothing"})), NEEDLES) == set()


def test_a_layer_that_cannot_be_read_is_unmeasured() -> None:
    with pytest.raises(UnmeasuredError, match="zstd"):
        scan.in_images(saved(scan.ZSTD + b"x" * 600), NEEDLES)


def test_a_program_that_fails_leaves_its_part_unmeasured() -> None:
    with pytest.raises(UnmeasuredError, match="exit code 3"), scan.output_of(["sh", "-c", "exit 3"]) as out:
        out.read()


@pytest.fixture
def repository_(tmp_path: Path) -> Path:
    """A repository with one commit."""
    git(tmp_path, "init", "--quiet")
    commit(tmp_path, "notes.txt", "nothing")
    return tmp_path


def git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=Nobody", "-c", "user.email=nobody@example.com")
    subprocess.run(["git", "-C", folder, *who, *words], check=True, capture_output=True)


def commit(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text)
    git(folder, "add", "--force", name)
    git(folder, "commit", "--quiet", "--message", "one")


def test_a_clean_repository_is_clean(repository_: Path) -> None:
    assert repository.tracked(repository_, NEEDLES) == []
    assert repository.history(repository_, NEEDLES) == []


def test_a_secret_in_a_tracked_file_is_found_before_it_is_committed(repository_: Path) -> None:
    (repository_ / "notes.txt").write_bytes(SECRET)
    assert repository.tracked(repository_, NEEDLES) == [Hit("notes.txt", "the key")]


def test_an_env_file_in_git_is_found_whatever_it_says(repository_: Path) -> None:
    commit(repository_, ".env", "EDGE_PORT=8080")
    assert repository.tracked(repository_, NEEDLES) == [Hit(".env", "is tracked")]


def test_what_was_committed_once_is_found_though_it_is_gone(repository_: Path) -> None:
    commit(repository_, "notes.txt", SECRET.decode())
    commit(repository_, "notes.txt", "nothing")
    assert repository.tracked(repository_, NEEDLES) == []
    (hit,) = repository.history(repository_, NEEDLES)
    assert hit.secret == "the key"
    git(repository_, "cat-file", "-e", hit.where)


def test_without_git_it_is_unmeasured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(UnmeasuredError, match="git does not answer here"):
        repository.tracked(tmp_path, NEEDLES)
    with pytest.raises(UnmeasuredError, match="no git history here"):
        repository.history(tmp_path, NEEDLES)


def test_modes(tmp_path: Path) -> None:
    for name, mode in (("env", 0o600), ("open", 0o644), ("group", 0o640)):
        (tmp_path / name).touch()
        (tmp_path / name).chmod(mode)
    found = evidence.modes([tmp_path / name for name in ("env", "open", "group", "missing")])
    assert [(hit.where, hit.secret[:15]) for hit in found] == [
        ("open", "its mode is 644"),
        ("group", "its mode is 640"),
    ]


PEM = "-----BEGIN {0}-----\n{1}A\n{1}B\n{1}C\n-----END {0}-----\n"


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder with a secret of every kind."""
    files = {
        "secrets/secret_key": "k" * 64,
        "secrets/discord_webhook_url": "http://203.0.113.80/api/webhooks/13/" + "t" * 64,
        "secrets/ca.crt": PEM.format("CERTIFICATE", "c" * 63),
        "secrets/users.json": "[]",
        "tls/authority.key": PEM.format("PRIVATE KEY", "p" * 63),
        "build-secrets/pip.conf": "[global]\nindex-url = https://me:secret@pypi.example.com/simple\n",
        "build-secrets/apt.conf": 'Acquire::http::Proxy "http://proxy.example.com:3128";\n',
        "build-secrets/ca.crt": PEM.format("CERTIFICATE", "a" * 63) + PEM.format("CERTIFICATE", "b" * 63),
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(paths, "state", lambda: tmp_path)
    return tmp_path


def test_every_secret_is_known_by_name(state: Path) -> None:
    passwords = dict.fromkeys(settings.PASSWORDS, "swordfish1")
    found = known.secrets(settings.Settings({**settings.defaults(), **passwords}))
    assert found == {
        **dict.fromkeys(settings.PASSWORDS, b"swordfish1"),
        "secrets/discord_webhook_url": b"t" * 64,
        "secrets/secret_key": b"k" * 64,
        "tls/authority.key": b"p" * 63 + b"B",
    }


def test_what_builds_are_told_is_known_but_the_distributions_certificates(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    distribution = state / "distribution"
    distribution.mkdir()
    (distribution / "a.crt").write_text(PEM.format("CERTIFICATE", "a" * 63))
    monkeypatch.setattr(known, "DISTRIBUTION", distribution)
    assert list(known.build_settings().values()) == [
        b"https://me:secret@pypi.example.com/simple",
        b"http://proxy.example.com:3128",
        b"b" * 63 + b"B",
    ]


def test_without_the_distributions_certificates_nobody_can_tell(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known, "DISTRIBUTION", state / "missing")
    with pytest.raises(UnmeasuredError, match="cannot be told from the distribution's"):
        known.build_settings()
