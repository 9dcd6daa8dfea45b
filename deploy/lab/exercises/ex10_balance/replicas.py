"""How many app servers there are: more of them, and as many as before."""

from __future__ import annotations

from lab import health, settings, stage
from lab.engine import compose, containers, docker
from lab.exercises.bench import RunningLab

SHIPPED, WANTED = 2, 3


def set_number(lab: RunningLab, number: int) -> None:
    """Have so many app servers behind the edge, from now on; what is so already is left alone.

    Not by `lifecycle.up`, which also looks after images and the database, and so takes ten times as long.
    """
    if settings.load().replicas != number:
        settings.keep("REPLICAS", str(number))
    now = lab.now()
    stage.prepare(now, lab.plan)
    hosts = [*stage.replicas(now), "edge"]
    compose(now.project, "up", "--detach", "--no-build", "--no-deps", *hosts)
    for name in stage.REPLICAS[max(number, SHIPPED) :]:
        for one in containers(now.project, name):
            docker("rm", "--force", one)
    health.wait(now.project, lab.plan, hosts, lab.say)
