"""The docs as a site: made without a warning, every link leads somewhere, nothing comes from elsewhere."""

from __future__ import annotations

import stat
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from lab import paths, settings
from lab.docs import build
from lab.errors import ExitCode, LabError
from tests.unit.docs import links

LOADED = {"script", "img", "link", "iframe", "source", "object", "video", "audio", "form"}


@pytest.fixture(scope="session")
def pages(built: Path) -> dict[Path, links.Page]:
    return links.read(built)


def test_every_page_of_the_docs_is_in_the_site(built: Path) -> None:
    docs = paths.ROOT / "docs"
    wanted = {page.relative_to(docs).with_suffix(".html") for page in docs.rglob("*.md")}
    assert {path.relative_to(built) for path in built.rglob("*.html")} == wanted | {
        Path("search.html"),
        Path("_static/not-built.html"),
    }


def test_every_link_leads_somewhere(pages: dict[Path, links.Page]) -> None:
    assert list(links.broken(pages)) == []


def test_nothing_is_loaded_from_elsewhere(pages: dict[Path, links.Page]) -> None:
    loaded = {address for page in pages.values() for tag, address in page.addresses if tag in LOADED}
    assert {address for address in loaded if urlsplit(address).netloc} == set()


def test_no_script_is_in_a_pages_text(pages: dict[Path, links.Page]) -> None:
    """The edge's Content-Security-Policy would not let it run."""
    assert {path.name for path, page in pages.items() if page.inline_scripts} == set()


def test_addresses_and_pictures_are_those_of_the_lab_that_it_belongs_to(built: Path) -> None:
    assert "10.77.20.0/24" in (built / "reference/addresses.html").read_text()
    assert "http://10.77.10.1/" in (built / "quick-start.html").read_text()
    assert "10.10.10.1:8000" in (built / "by-hand.html").read_text()
    for name in ("routes", "proxy"):
        assert "10.77.30.11" in (built / f"_images/{name}.svg").read_text()
    assert "10.77.20.10" in (built / "_images/topology.svg").read_text()


def test_the_edges_user_can_read_all_of_it(built: Path) -> None:
    for path in (built.parent, built, *built.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o755 if path.is_dir() else 0o644), path


def test_what_the_link_check_finds(tmp_path: Path) -> None:
    (tmp_path / "one.html").write_text('<a href="two.html#there">1</a><a href="two.html#gone">2</a>')
    (tmp_path / "two.html").write_text('<h1 id="there"></h1><img src="no.png"><a href="/one.html">3</a>')
    found = list(links.broken(links.read(tmp_path)))
    assert [line.partition(": ")[0] for line in found] == ["one.html", "two.html", "two.html"]
    assert "#gone" in found[0]


@pytest.mark.parametrize(
    "fault", ["[nowhere](nowhere.md)", "[nowhere](#nothing)", "<!-- generated: nothing -->"]
)
def test_a_page_with_a_fault_is_refused(tmp_path: Path, fault: str) -> None:
    (tmp_path / "index.md").write_text(f"# Title\n\n{fault}\n")
    with pytest.raises(LabError, match=r"the docs cannot be made: .*noth?"):
        build.sphinx(tmp_path, tmp_path / "site")


def test_the_stand_in_gives_way_to_the_site_and_never_takes_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_STATE", str(tmp_path))
    build.stand_in()
    assert "make docs" in (build.site() / "index.html").read_text()
    (build.site() / "index.html").write_text("the site")
    build.stand_in()
    assert (build.site() / "index.html").read_text() == "the site"


def test_it_is_made_anew_only_when_what_it_is_made_from_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_STATE", str(tmp_path))
    monkeypatch.setenv("LAB_ENV_FILE", str(tmp_path / "env"))
    made: list[Path] = []

    def sphinx(_: Path, target: Path) -> None:
        target.mkdir(parents=True)
        made.append(target)

    monkeypatch.setattr(build, "sphinx", sphinx)
    for _ in range(2):
        build.refresh(lambda _: None)
    assert len(made) == 1
    settings.ensure()
    settings.keep("REPLICAS", "3")
    build.refresh(lambda _: None)
    assert len(made) == 2


def test_a_page_that_cannot_be_made_is_told_and_the_site_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_STATE", str(tmp_path))
    monkeypatch.setenv("LAB_ENV_FILE", str(tmp_path / "env"))
    build.stand_in()

    def sphinx(*_: Path) -> None:
        raise LabError("the docs cannot be made: loss.md:7")

    monkeypatch.setattr(build, "sphinx", sphinx)
    said: list[str] = []
    build.refresh(said.append)
    assert said[-1] == "the docs cannot be made: loss.md:7; the lab itself is up"
    assert (build.site() / "index.html").exists()
    assert not (tmp_path / "docs/made-from").exists()  # so the next make up tries again


def test_without_sphinx_it_says_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(LabError, match="make docs") as refusal:
        build.build()
    assert refusal.value.exit_code == ExitCode.UNMEASURED
