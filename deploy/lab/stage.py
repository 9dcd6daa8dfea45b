"""What Compose finds when it starts the lab: the values of its variables, and the secrets as files."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from lab import database, paths
from lab.docs import build
from lab.errors import LabError
from lab.settings import PASSWORDS, Settings
from lab.tls import files
from lab.topology import Topology
from lab.vm import ca_bundle, name_servers, resolve

REPLICAS = ("app1", "app2", "app3")
STAND_IN_WEBHOOK = "1300000000000000001"


def prepare(settings: Settings, plan: Topology) -> None:
    """Write the state folder's compose.env and secrets; what is right already stays untouched."""
    folder = paths.state() / "secrets"
    folder.mkdir(parents=True, exist_ok=True)
    # The containers' users must be able to read the files, so it is the folder that keeps others out.
    folder.chmod(0o700)
    _write(folder / "secret_key", _once(folder / "secret_key"))
    _write(folder / "database_password", _once(folder / "database_password"))
    token = _once(folder / "discord_stand_in_token")
    _write(folder / "discord_stand_in_token", token)
    stand_in = f"http://{plan.address('discord')}/api/webhooks/{STAND_IN_WEBHOOK}/{token}"
    _write(folder / "discord_webhook_url", settings["DISCORD_WEBHOOK_URL"] or stand_in)
    _write(folder / "users.json", json.dumps(settings.users))
    _write(folder / "ca.crt", ca_bundle())
    files.refresh(settings)
    build.stand_in()
    lines = [f"{name}={value}" for name, value in compose_values(settings, plan).items()]
    _write(paths.state() / "compose.env", "\n".join(lines) + "\n")


def compose_values(settings: Settings, plan: Topology) -> dict[str, str]:
    """The settings that the compose file reads (no secrets), and those that follow from them."""
    values = {
        name: value
        for name, value in settings.values.items()
        if name not in PASSWORDS and name != "DISCORD_WEBHOOK_URL"
    }
    upstreams = [upstream(plan, name) for name in replicas(settings)]
    return {
        **values,
        "LAB_STATE": str(paths.state()),
        "LAB_IMAGES": paths.images(),
        "EDGE_UPSTREAMS": ",".join(upstreams),
        "LAB_DATABASE_URL": database.url(settings["DB"], plan),
        "DB_CONNECTIONS": str(database.connections(settings)),
        **_egress(settings["DISCORD_WEBHOOK_URL"]),
    }


def replicas(settings: Settings) -> list[str]:
    """The app servers that the edge asks."""
    return list(REPLICAS[: settings.replicas])


def upstream(plan: Topology, replica: str) -> str:
    """Where an app server listens, address:port: the edge's name for it."""
    return f"{plan.address(replica)}:8000"


def _egress(webhook_url: str) -> dict[str, str]:
    """Where the firewall lets the app go: the stand-in unless there is a webhook on the real internet."""
    host = urlsplit(webhook_url).hostname
    if host is None:
        return {"ROUTER_WEBHOOKS": "", "ROUTER_RESOLVERS": ""}
    addresses = sorted(resolve(host))
    if not addresses:
        raise LabError(
            f"DISCORD_WEBHOOK_URL names {host}, which cannot be resolved here, so the firewall cannot let "
            "the app reach it; connect the VM, mend the name, or leave it empty for the stand-in"
        )
    return {"ROUTER_WEBHOOKS": ",".join(addresses), "ROUTER_RESOLVERS": ",".join(name_servers())}


def _once(path: Path) -> str:
    """The secret that is there already, or a new one."""
    return path.read_text() if path.exists() else secrets.token_urlsafe(48)


def _write(path: Path, text: str) -> None:
    if path.exists() and path.read_text() == text:
        return
    # In place, not by renaming: a container that has the file mounted must see the new text.
    path.write_text(text)
    path.chmod(0o644)
