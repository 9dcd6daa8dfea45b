"""Replicas that the edge asks nothing more: a file of their name at the edge says so (nginx/render.sh)."""

from __future__ import annotations

from lab.engine import container, docker

DRAIN = ': >"$EDGE_RUN_DIR/drained/$0"'
RESUME = 'rm -f "$EDGE_RUN_DIR/drained/$0"'
RESUME_ALL = 'rm -f "$EDGE_RUN_DIR"/drained/*'
LISTING = 'ls "$EDGE_RUN_DIR/drained"'


def drain(project: str, replica: str) -> None:
    """The edge passes no new request to this replica (address:port); what it has, it may finish."""
    _at_the_edge(project, DRAIN, replica)


def resume(project: str, replica: str) -> None:
    """The edge asks this replica again."""
    _at_the_edge(project, RESUME, replica)


def resume_all(project: str) -> None:
    """The edge asks every replica again: a rolling change that was killed may have left one drained."""
    _at_the_edge(project, RESUME_ALL)


def drained(project: str) -> set[str]:
    """The replicas that are drained now."""
    return set(_at_the_edge(project, LISTING).split())


def _at_the_edge(project: str, script: str, *words: str) -> str:
    return docker("exec", container(project, "edge"), "sh", "-c", script, *words)
