"""What a run ran under, besides its link: versions, the checkout, and the settings that matter for load."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lab import engine, paths
from lab.errors import LabError
from lab.process import run
from lab.settings import Settings

SETTINGS = (
    *("REPLICAS", "WEB_WORKERS", "WEB_THREADS", "MICRO_CACHE", "THROTTLE_FILE_TICKET"),
    *("LOAD_WORKERS", "LOAD_PROCESSES", "LOAD_ADDRESSES"),
)
DJANGO = "import django, sys; print(django.__version__, sys.version.split()[0])"


def of(settings: Settings) -> dict[str, Any]:
    """The conditions that the lab and the checkout tell."""
    return {
        "versions": versions(settings.project),
        "commit": commit(),
        "settings": {name: settings[name] for name in SETTINGS},
        "replicas": settings.replicas,
    }


def versions(project: str) -> dict[str, str]:
    """The versions of what answers: engine, Nginx, Django, its Python; '?' for one that cannot be asked."""
    nginx = _asked(project, "edge", ["nginx", "-v"]).rpartition("/")[2]
    django, _, python = _asked(project, "app1", ["python", "-c", DJANGO]).partition(" ")
    found = {"engine": engine.clients()[0].server, "nginx": nginx, "django": django, "app_python": python}
    return {name: version or "?" for name, version in found.items()}


def commit() -> str:
    """The checkout's commit, with '+' if files differ from it; '?' outside a repository."""
    git = ["git", "-C", str(paths.ROOT)]
    head = run([*git, "rev-parse", "--short", "HEAD"]).stdout.strip()
    changed = run([*git, "status", "--porcelain", "--untracked-files=no"]).stdout.strip()
    return f"{head}{'+' if changed else ''}" if head else "?"


def _asked(project: str, host: str, words: Sequence[str]) -> str:
    try:
        argv = engine.exec_argv(project, host, words)
    except LabError:  # a host may be stopped on purpose, to see what the load does then
        return ""
    done = run(argv, timeout=20)
    return (done.stdout or done.stderr).strip() if done.returncode == 0 else ""
