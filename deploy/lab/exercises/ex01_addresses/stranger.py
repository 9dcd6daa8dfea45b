"""The stranger: a throw-away host that no plan knows, in a zone and at an address that the student draws."""

from __future__ import annotations

from lab import paths
from lab.engine import containers, docker, running
from lab.errors import ExitCode, LabError
from lab.exercises.bench import RunningLab
from lab.exercises.ex01_addresses.plot import Plot

SERVICE = "stranger"
# A host of each zone that the stranger answers without a router between.
NEIGHBOURS = {"clients": "client", "lab": "edge", "backend": "app1"}
# With Compose's own labels, so that make down and make up take it away like anything that is not in the plan.
LABELS = {"service": SERVICE, "oneoff": "False", "container-number": "1"}


def send_in(lab: RunningLab, plot: Plot) -> None:
    """Start it, in place of one that may be there; raises LabError (exit code 3) if it does not answer."""
    send_away(lab)
    project = lab.settings.project
    labels = [f"com.docker.compose.{name}={value}" for name, value in {"project": project, **LABELS}.items()]
    docker(
        *("run", "--detach", "--init", "--name", f"{project}_{SERVICE}_1", "--hostname", SERVICE),
        *(word for label in labels for word in ("--label", label)),
        *("--network", f"{project}_{plot.zone}", "--ip", plot.address(lab.plan)),
        *("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges:true"),
        *("--memory", "64m", "--pids-limit", "32"),
        *(f"{paths.images()}/client", "sleep", "infinity"),
    )  # fmt: skip
    must_answer(lab, plot)


def send_away(lab: RunningLab) -> None:
    """Remove it, if it is there."""
    there = containers(lab.settings.project, SERVICE)
    if there:
        docker("rm", "--force", *there)


def must_answer(lab: RunningLab, plot: Plot) -> None:
    """Raise LabError (exit code 3) unless the stranger answers where it was drawn."""
    neighbour, address = NEIGHBOURS[plot.zone], plot.address(lab.plan)
    if not running(lab.settings.project, SERVICE):
        said = "the stranger is gone, as it is after make up or make down; make start EX=1 brings it back"
        raise LabError(said, ExitCode.UNMEASURED)
    if lab.tried(neighbour, "ping", "-c", "3", "-i", "0.2", "-W", "2", address).returncode:
        said = f"the stranger does not answer {neighbour}; make start EX=1 sends it in anew"
        raise LabError(said, ExitCode.UNMEASURED)
