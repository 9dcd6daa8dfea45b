"""A small disk for the lab's data, which can be filled without filling the VM's.

It is a file system in memory, on which the lab begins anew for the time of the drill; its own data lies
untouched meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab import health, images, paths
from lab.drills.site import Site
from lab.engine import compose, docker, exec_argv
from lab.errors import ExitCode, LabError
from lab.process import last_words, run
from lab.topology import ONE_SHOT

SIZE = "64m"
APP_USER = 10001  # the user of the app's image, to whom /data belongs
FILE = "/data/filler"
# The second goes into the gaps that are too small for the first's blocks.
FILL = f"dd if=/dev/zero of={FILE} bs=64k; dd if=/dev/zero of={FILE} bs=1 oflag=append conv=notrunc; df /data"
ON_IT = ("app1", "app2", "app3", "live", "notifier", "edge")
OVERRIDE = 'version: "3.8"\nvolumes: {{data: {{external: true, name: "{volume}"}}}}\n'


@contextmanager
def small(site: Site) -> Iterator[None]:
    """Let the lab's data be on a disk of 64 MB for the block, with new tickets; then on its own again."""
    volume = f"{site.settings.project}_small-disk"
    override = paths.state() / "small-disk.yml"
    override.write_text(OVERRIDE.format(volume=volume))
    site.say(f"for a while: the lab's data on a disk of {SIZE}, with tickets of its own")
    try:
        _make(site, volume)
        _bring(site, override)
        yield
    finally:
        site.say("back to the lab's own data")
        _bring(site, None)
        docker("rm", "--force", volume)
        docker("volume", "rm", volume)
        override.unlink()


def fill(site: Site) -> None:
    """Write to it until nothing more goes in; raises LabError (exit code 3) if there is still room."""
    done = run(exec_argv(site.settings.project, "app1", ["sh", "-c", FILL]), timeout=60)
    if "No space left" not in done.stderr:
        raise LabError(f"the disk was not filled: {last_words(done)}", ExitCode.UNMEASURED)


def empty(site: Site) -> None:
    """Make room again."""
    run(exec_argv(site.settings.project, "app1", ["rm", "-f", FILE]), timeout=10)


def _make(site: Site, volume: str) -> None:
    options = f"size={SIZE},mode=0711,uid={APP_USER},gid={APP_USER}"
    driver = ("--driver", "local", "--opt", "type=tmpfs", "--opt", "device=tmpfs", "--opt", f"o={options}")
    label = ("--label", f"com.docker.compose.project={site.settings.project}")
    docker("volume", "create", *driver, *label, volume)
    # What is in memory lasts for as long as somebody has it mounted.
    docker(
        *("run", "--detach", "--name", volume, "--network", "none", "--cap-drop", "ALL", "--read-only"),
        *("--volume", f"{volume}:/data", "--entrypoint", "sleep", images.name("router"), "infinity"),
    )


def _bring(site: Site, override: Path | None) -> None:
    hosts = [name for name in ON_IT if name in site.hosts]
    project = site.settings.project
    compose(project, "up", "--detach", "--no-build", "--no-deps", ONE_SHOT, override=override)
    health.wait_for_database(project, site.say)
    compose(project, "up", "--detach", "--no-build", "--no-deps", *hosts, override=override)
    health.wait(project, site.plan, hosts, site.say)
