"""Whether the images come out the same when they are built a second time, with nothing from a cache."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from lab import image_tree, images
from lab.engine import docker
from lab.errors import LabError

# What the engine itself puts into a container: it is in no image.
FOLDERS = {"dev", "proc", "sys"}
FILES = {".dockerenv", "etc/hostname", "etc/hosts", "etc/mtab", "etc/resolv.conf"}


def rebuild_and_compare(target: str, say: Callable[[str], None]) -> list[str]:
    """Build a target anew beside the image that is here; return how the two differ, a line each.

    Raises LabError if either cannot be had.
    """
    again = f"{images.name(target)}:again"
    say(f"building {target} again, without a cache")
    try:
        images.build(target, again, images.write_build_secrets(), "--no-cache")
        return [*_settings(images.checkout(target), again), *_files(images.checkout(target), again)]
    finally:
        with suppress(LabError):  # it may not have been built
            docker("image", "rm", again)


def _files(one: str, other: str) -> list[str]:
    first, second = (_own(image_tree.of_image(tag)) for tag in (one, other))
    return list(image_tree.differences(first, second))


def _own(tree: image_tree.Tree) -> image_tree.Tree:
    return {
        path: entry
        for path, entry in tree.items()
        if path.partition("/")[0] not in FOLDERS and path not in FILES
    }


def _settings(one: str, other: str) -> list[str]:
    first, second = (docker("image", "inspect", "--format", "{{json .Config}}", tag) for tag in (one, other))
    return [] if first == second else [f"settings: {first.strip()} and {second.strip()}"]
