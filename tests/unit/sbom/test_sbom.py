"""A bill of materials names all that an image's databases name, with hashes, and is the same each time."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lab.errors import LabError
from lab.sbom import document, inventory, lock
from lab.sbom.lock import File

DEBIAN = "curl\t8.14.1-2\tamd64\tcurl\t8.14.1-2\nadduser\t3.152\tall\tadduser\t3.152\n"
PYTHON = {"python": "3.13", "packages": {"PyYAML": "6.0.3", "Django": "5.2.19"}}
FOUND = inventory.parse("ticketlab/app", "abc123", DEBIAN + "\n" + json.dumps(PYTHON) + "\n")
LOCK = """
[[package]]
name = "django"
version = "5.2.19"
sdist = { url = "https://example.com/django-5.2.19.tar.gz", hash = "sha256:dd" }
wheels = [{ url = "https://example.com/django-5.2.19-py3-none-any.whl", hash = "sha256:aa" }]

[[package]]
name = "ticketlab"
version = "0.1.0"
source = { editable = "." }
"""
HASH = "0" * 64


def written(found: inventory.Inventory = FOUND) -> dict[str, Any]:
    locked = {"django": [File("https://example.com/django-5.2.19-py3-none-any.whl", HASH)]}
    document_: dict[str, Any] = json.loads(document.render(found, locked))
    return document_


def test_every_package_is_a_component() -> None:
    assert [component["purl"] for component in written()["components"]] == [
        "pkg:deb/debian/adduser@3.152?arch=all&distro=debian-13",
        "pkg:deb/debian/curl@8.14.1-2?arch=amd64&distro=debian-13",
        "pkg:pypi/django@5.2.19",
        "pkg:pypi/pyyaml@6.0.3",
    ]


def test_the_image_is_what_it_is_about_and_depends_on_all() -> None:
    found = written()
    assert found["metadata"]["component"]["version"] == "abc123"
    (image,) = [one for one in found["dependencies"] if one["ref"] == "ticketlab/app"]
    assert len(image["dependsOn"]) == 4


def test_a_python_package_has_the_hashes_of_the_lock() -> None:
    (django,) = [one for one in written()["components"] if one["name"] == "django"]
    (reference,) = django["externalReferences"]
    assert reference["hashes"] == [{"alg": "SHA-256", "content": HASH}]


def test_the_same_image_gives_the_same_text_and_another_another() -> None:
    assert document.render(FOUND, {}) == document.render(FOUND, {})
    assert document.render(FOUND, {}) != document.render(inventory.parse("ticketlab/app", "abd", DEBIAN), {})


def test_an_image_without_python_packages() -> None:
    found = inventory.parse("ticketlab/edge", "abc", DEBIAN + "\n")
    assert len(written(found)["components"]) == 2
    assert found.architecture == "amd64"


def test_what_the_schema_refuses_is_not_written() -> None:
    broken = {"django": [File("https://example.com/django-5.2.19-py3-none-any.whl", "no hash")]}
    with pytest.raises(LabError, match="not valid CycloneDX"):
        document.render(FOUND, broken)


def test_the_lock_is_read_and_the_kits_own_package_has_no_files() -> None:
    assert lock.files(LOCK) == {
        "django": [
            File("https://example.com/django-5.2.19-py3-none-any.whl", "aa"),
            File("https://example.com/django-5.2.19.tar.gz", "dd"),
        ],
        "ticketlab": [],
    }


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["a-1-py3-none-any.whl", "a-1.tar.gz"], ["a-1-py3-none-any.whl"]),
        (
            ["a-1-cp313-cp313-manylinux_2_28_x86_64.whl", "a-1-cp313-cp313t-manylinux_2_28_x86_64.whl"],
            ["a-1-cp313-cp313-manylinux_2_28_x86_64.whl"],
        ),
        (
            ["a-1-cp39-abi3-manylinux_2_28_x86_64.whl", "a-1-cp39-abi3-manylinux_2_28_aarch64.whl"],
            ["a-1-cp39-abi3-manylinux_2_28_x86_64.whl"],
        ),
        (["a-1-cp312-cp312-manylinux_2_28_x86_64.whl", "a-1.tar.gz"], ["a-1.tar.gz"]),
        (["a-1-cp313-cp313-win_amd64.whl", "a-1.tar.gz"], ["a-1.tar.gz"]),
    ],
)
def test_the_files_that_pip_may_have_taken(names: list[str], chosen: list[str]) -> None:
    found = lock.installable([File(name, HASH) for name in names], "3.13", "amd64")
    assert [one.url for one in found] == chosen


def test_the_shipped_lock_has_files_for_both_architectures() -> None:
    locked = lock.files()
    assert lock.installable(locked["django"], "3.13", "amd64")
    assert lock.installable(locked["psycopg-binary"], "3.13", "arm64")
