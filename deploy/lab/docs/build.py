"""Making the site, and the page that stands in its place until there is one.

The edge has the state folder's docs/ mounted and serves docs/html, so that a new site can take the place of
the old one by two renames, and no reader meets half a site.
"""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from lab import paths, settings
from lab.errors import ExitCode, LabError
from lab.process import last_words, run

HERE = Path(__file__).parent
PLACEHOLDER = HERE / "static/not-built.html"
# What a page is made from, beside docs/ itself and the settings.
SOURCES = ("Makefile", ".env.example", "docker-compose.yml", "uv.lock", "deploy/firewall/intent.toml")

Say = Callable[[str], None]


def site() -> Path:
    """The folder of the finished site."""
    return _folder() / "html"


def _folder() -> Path:
    return paths.state() / "docs"


def stand_in() -> None:
    """Have something at the site's place: a page that says how to make it, unless it is made already."""
    index = site() / "index.html"
    if not index.exists():
        site().mkdir(parents=True, exist_ok=True)
        shutil.copyfile(PLACEHOLDER, index)
        _let_read(_folder())


def refresh(say: Say) -> None:
    """Make the site if it is not of these sources and settings; without Sphinx leave what there is.

    A page that cannot be made is told and no more: the lab is up, and the site there was stays.
    """
    made = _folder() / "made-from"
    if importlib.util.find_spec("sphinx") is None or (made.exists() and made.read_text() == _digest()):
        return
    say("making the docs")
    try:
        build()
    except LabError as error:
        say(f"{error}; the lab itself is up")


def build() -> Path:
    """Make the site anew and return its folder; raises LabError for a page that Sphinx will not have."""
    if importlib.util.find_spec("sphinx") is None:
        said = "Sphinx, which makes the docs, is not installed; run make docs, which installs it"
        raise LabError(said, ExitCode.UNMEASURED)
    digest, new, old = _digest(), _folder() / "new", _folder() / "old"
    for leftover in (new, old):
        shutil.rmtree(leftover, ignore_errors=True)
    sphinx(paths.ROOT / "docs", new)
    shutil.rmtree(new / ".doctrees", ignore_errors=True)
    if site().exists():
        site().rename(old)
    new.rename(site())
    _let_read(_folder())
    shutil.rmtree(old, ignore_errors=True)
    (_folder() / "made-from").write_text(digest)
    return site()


def sphinx(pages: Path, target: Path) -> None:
    """Make a site of a folder of pages; raises LabError for whatever Sphinx would only warn of."""
    argv = [sys.executable, "-m", "sphinx", "-b", "html", "-q", "-W", "--keep-going", "-E", "-c", str(HERE)]
    done = run([*argv, str(pages), str(target)])
    if done.returncode:
        raise LabError(f"the docs cannot be made: {last_words(done, lines=6)}")


def _digest() -> str:
    """What stands for everything that the site is made from."""
    chosen = settings.load().values if paths.env_file().exists() else settings.defaults()
    shown = sorted((name, value) for name, value in chosen.items() if name not in settings.SECRET)
    digest = hashlib.sha256(repr((shown, *_lab_there())).encode())
    for path in _sources():
        digest.update(f"{path.relative_to(paths.ROOT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _lab_there() -> tuple[bool]:
    """Whether a lab was brought up with these settings: then the pictures are of it as it runs."""
    return ((paths.state() / "compose.env").exists(),)


def _sources() -> Iterator[Path]:
    yield from (paths.ROOT / name for name in SOURCES)
    for folder in (paths.ROOT / "docs", HERE, HERE.parent / "diagram"):
        yield from sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")


def _let_read(folder: Path) -> None:
    """Let the edge's user read the files, whatever this user's umask is."""
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
