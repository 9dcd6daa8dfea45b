"""The command lines of `make dev`: edge, app, live feed and Discord stand-in, all on loopback."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from lab import paths, settings
from lab.dev.supervisor import LOOPBACK, Program


def allowed_hosts() -> str:
    """The names under which the service is known: .env's ALLOWED_HOSTS, or the example's without an .env."""
    chosen = settings.load().values if paths.env_file().exists() else settings.defaults()
    return chosen["ALLOWED_HOSTS"]


def edge(
    port: int,
    upstreams: Sequence[int],
    static_root: Path,
    media_root: Path,
    run_dir: Path,
    log: Path,
    *,
    live: int | None = None,
    docs: Path | None = None,
) -> Program:
    """Nginx with the lab's own configuration; `upstreams` are the replicas' ports, `live` is the feed's.

    `docs` is the folder of the docs as a site.

    Nginx's messages and its access log, one JSON object a line, both end up in `log`.
    """
    return Program(
        name="nginx",
        argv=[str(paths.ROOT / "nginx" / "start.sh")],
        directory=paths.ROOT,
        log=log,
        port=port,
        environment={
            "EDGE_LISTEN": f"{LOOPBACK}:{port}",
            "EDGE_SERVER_NAMES": allowed_hosts(),
            "EDGE_UPSTREAMS": " ".join(f"{LOOPBACK}:{upstream}" for upstream in upstreams),
            "EDGE_LIVE_UPSTREAM": f"{LOOPBACK}:{live}" if live else "",
            "EDGE_STATIC_ROOT": str(static_root),
            "EDGE_MEDIA_ROOT": str(media_root),
            "EDGE_DOCS_ROOT": str(docs) if docs else "",
            "EDGE_RUN_DIR": str(run_dir),
            "EDGE_ACCESS_LOG": "/dev/stdout",
        },
    )


def app(port: int, environment: Mapping[str, str], log: Path) -> Program:
    """One replica of the app: Gunicorn with the configuration that the app servers of the lab have."""
    return Program(
        name=f"gunicorn on port {port}",
        argv=_gunicorn("gunicorn.conf.py", "drf_jwt_backend.wsgi:application"),
        directory=paths.ROOT / "app",
        log=log,
        port=port,
        environment={**environment, "BIND": f"{LOOPBACK}:{port}", "WEB_WORKERS": "1", "WEB_THREADS": "4"},
    )


def live(port: int, environment: Mapping[str, str], log: Path) -> Program:
    """The live feed."""
    return Program(
        name="live feed",
        argv=[sys.executable, "-m", "ticketing.live"],
        directory=paths.ROOT / "app",
        log=log,
        port=port,
        environment={**environment, "BIND": f"{LOOPBACK}:{port}"},
    )


def discord(port: int, environment: Mapping[str, str], log: Path) -> Program:
    """The Discord stand-in."""
    return Program(
        name="discord stand-in",
        argv=_gunicorn("discord_sim/gunicorn.conf.py", "discord_sim.wsgi:app"),
        directory=paths.ROOT / "deploy",
        log=log,
        port=port,
        environment={**environment, "BIND": f"{LOOPBACK}:{port}"},
    )


def tail(logs: Sequence[Path]) -> Program:
    """Shows what is added to the logs, on our own terminal."""
    argv = ["tail", "-n", "0", "-F", *(str(log) for log in logs)]
    return Program(name="tail", argv=argv, directory=paths.ROOT)


def _gunicorn(config: str, application: str) -> list[str]:
    return [sys.executable, "-m", "gunicorn", "--config", config, application]
