"""Limits of a running lab, changed for a while: at the edge, and at Discord's stand-in.

.env and nginx.conf stay untouched: a restart of the two hosts, or `clear`, brings the lab's own limits back.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass

from lab import paths
from lab.engine import exec_argv
from lab.errors import ExitCode, LabError
from lab.process import output
from lab.settings import FORMS, Settings
from lab.tls.switch import RELOAD

LOGINS = re.compile(r"zone=logins:10m rate=(\d+)r/s;.*zone=logins burst=(\d+)", re.DOTALL)
NUMBER = re.compile(r"[1-9]\d{0,3}")
PACE = re.compile(r"zone=pace:64k rate=(\d+)r/s;")
SHOW = 'cd "$EDGE_RUN_DIR" && cat conf/nginx.conf && if [ -e pace ]; then cat conf/rendered/pace.conf; fi'
# Nginx's old workers go on for a moment, by the old limit; one that listens no more says so in its title.
KEEP = 'echo "{value}" >"$EDGE_RUN_DIR/{name}"\n'
FORGET = 'rm -f "$EDGE_RUN_DIR/{name}"\n'
APPLY = f"""
old=$(cat "/proc/$(cat "$EDGE_RUN_DIR/nginx.pid")"/task/*/children)
{RELOAD}
for pid in $old; do
    turns=50
    while [ -e "/proc/$pid" ] && ! grep -q 'shutting down' "/proc/$pid/cmdline"; do
        turns=$((turns - 1))
        [ "$turns" -gt 0 ] || {{ echo "Nginx's worker $pid goes on by the old limit" >&2; exit 1; }}
        sleep 0.1
    done
done
"""
STAND_IN = "http://localhost/_lab/limits"


@dataclass(frozen=True)
class Limits:
    """rate: log-ins per second from one address. burst: how many beyond them at once. webhook, channel:
    messages/seconds, such as 5/2. pace: requests per second to /healthz, those that come sooner wait; 0: any.
    """

    rate: int
    burst: int
    webhook: str
    channel: str
    pace: int = 0


def own(settings: Settings) -> Limits:
    """The lab's own: of nginx.conf and .env."""
    text = (paths.ROOT / "nginx/nginx.conf").read_text()
    return Limits(*_logins(text), settings["DISCORD_WEBHOOK_LIMIT"], settings["DISCORD_CHANNEL_LIMIT"])


def in_force(settings: Settings) -> Limits:
    """Those in force; raises LabError (exit code 3) if one of the two hosts does not tell."""
    found = json.loads(_on(settings, "discord", "curl", "-fsS", "-m", "5", STAND_IN))
    edge = _on(settings, "edge", "sh", "-c", SHOW)
    pace = PACE.search(edge)
    return Limits(*_logins(edge), found["webhook"], found["channel"], int(pace[1]) if pace else 0)


def change(settings: Settings, wanted: Limits) -> None:
    """Put limits in force; the stand-in's windows start anew, even with the limits that they have.

    Raises LabError: exit code 2 for a value that is none, before anything is changed.
    """
    _check(wanted)
    now, shipped = in_force(settings), own(settings)
    if _edge_of(wanted) != _edge_of(now):
        shipped_there = _edge_of(shipped)
        files = [
            (FORGET if value == shipped_there[name] else KEEP).format(name=name, value=value)
            for name, value in _edge_of(wanted).items()
        ]
        _on(settings, "edge", "sh", "-ec", "".join(files) + APPLY)
    body = json.dumps({"webhook": wanted.webhook, "channel": wanted.channel})
    json_ = ("-H", "Content-Type: application/json")
    _on(settings, "discord", "curl", "-fsS", "-m", "5", "-X", "PUT", *json_, "-d", body, STAND_IN)


def clear(settings: Settings) -> None:
    """Back to the lab's own; what is so already is left alone."""
    if in_force(settings) != own(settings):
        change(settings, own(settings))


def _edge_of(limits: Limits) -> dict[str, str]:
    """What stands in the edge's files (nginx/render.sh)."""
    return {"login_limit": f"{limits.rate} {limits.burst}", "pace": f"{limits.pace}"}


def _check(wanted: Limits) -> None:
    there = {name: value for name, value in asdict(wanted).items() if (name, value) != ("pace", 0)}
    for name, value in there.items():
        pattern, form = (
            FORMS[f"DISCORD_{name.upper()}_LIMIT"] if isinstance(value, str) else (NUMBER, "1 to 9999")
        )
        if not re.fullmatch(pattern, str(value)):
            raise LabError(f"--{name} {value} is no limit; write it as {form}", ExitCode.USAGE)


def _logins(configuration: str) -> tuple[int, int]:
    found = LOGINS.search(configuration)
    if found is None:
        raise LabError("nginx.conf has no limit 'logins' any more; put it back", ExitCode.UNMEASURED)
    return int(found[1]), int(found[2])


def _on(settings: Settings, host: str, *words: str) -> str:
    return output(
        exec_argv(settings.project, host, words), f"the limits on {host} cannot be told", timeout=20
    )
