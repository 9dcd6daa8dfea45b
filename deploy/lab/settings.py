"""The user's settings: .env, checked; what is empty there and may be made up is made up once."""

from __future__ import annotations

import difflib
import ipaddress
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from dotenv import dotenv_values

from lab import paths
from lab.errors import ExitCode, LabError
from lab.people import PEOPLE

PASSWORDS = tuple(person.setting for person in PEOPLE)
RATE = r"[1-9]\d*/[1-9]\d*"
HOST = r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?"
# What each setting must look like, and how to say so.
FORMS: dict[str, tuple[str, str]] = {
    "COMPOSE_PROJECT_NAME": (r"[a-z][a-z0-9_-]*", "lower-case letters, digits, - and _"),
    "LAB_PREFIX": (r"\d{1,3}\.\d{1,3}", "the first two bytes of an address, such as 10.10"),
    "LAB_INTERNET": (r"\d{1,3}\.\d{1,3}\.\d{1,3}", "the first three bytes of an address, such as 203.0.113"),
    # Linux names an interface with 15 characters at most, and '-internet' takes nine.
    "LAB_BRIDGES": (r"[a-z][a-z0-9]{0,5}", "at most 6 lower-case letters and digits, such as tl"),
    # The form of names that nginx/render.sh accepts.
    "ALLOWED_HOSTS": (
        rf"\.?{HOST}(,\.?{HOST})*",
        "names and addresses with commas between, no spaces",
    ),
    "EDGE_PORT": (r"\d{1,5}", "a port number"),
    "EDGE_TLS_PORT": (r"\d{1,5}", "a port number"),
    "LOCUST_PORT": (r"\d{1,5}", "a port number"),
    "DISCORD_PORT": (r"\d{1,5}", "a port number"),
    "DB": (r"sqlite|postgres", "sqlite or postgres"),
    "REPLICAS": (r"[123]", "1, 2 or 3"),
    "WEB_WORKERS": (r"[1-9]\d?", "a number from 1 to 99"),
    "WEB_THREADS": (r"[1-9]\d?", "a number from 1 to 99"),
    "THROTTLE_FILE_TICKET": (r"[1-9]\d*/(sec|min|hour|day)", "number/sec, min, hour or day, such as 10/min"),
    "LOG_LEVEL": (r"DEBUG|INFO|WARNING|ERROR", "DEBUG, INFO, WARNING or ERROR"),
    "MICRO_CACHE": (r"on|off", "on or off"),
    "LOAD_WORKERS": (r"[1-9]|[1-5]\d", "a number from 1 to 59"),
    "LOAD_PROCESSES": (r"[1-9]\d?", "a number from 1 to 99"),
    "LOAD_ADDRESSES": (r"[1-9]\d?", "a number from 1 to 99"),
    "CLASS_KEY": (r"([A-Za-z0-9_-]{43})?", "empty, or the line that lab class-key printed"),
    "SEED_COUNT": (r"[1-9]\d{0,6}", "a number of tickets from 1 to 9999999"),
    "SEED": (r"\d+", "a whole number"),
    "DISCORD_WEBHOOK_URL": (
        r"(https?://[^/\s]+/api(/v\d+)?/webhooks/\d+/[\w-]+)?",
        "empty, or an address like https://discord.com/api/webhooks/<number>/<token>",
    ),
    "NOTIFIER": (r"on|off", "on or off"),
    "DISCORD_WEBHOOK_LIMIT": (RATE, "requests/seconds, such as 5/2"),
    "DISCORD_CHANNEL_LIMIT": (RATE, "requests/seconds, such as 30/60"),
    **dict.fromkeys(PASSWORDS, (r"[\x21-\x7e]{8,}", "at least 8 characters without spaces")),
}
# PostgreSQL has a process of some megabytes for each connection, and 512 MB for all.
MOST_THREADS = 160
INSIDE = (10, 20, 30)  # the third byte of the networks under LAB_PREFIX
PORTS = ("EDGE_PORT", "EDGE_TLS_PORT", "LOCUST_PORT", "DISCORD_PORT")
SECRET = {"DISCORD_WEBHOOK_URL", *PASSWORDS}


@dataclass(frozen=True)
class Settings:
    """The checked values of .env, defaults filled in from .env.example."""

    values: dict[str, str]

    def __getitem__(self, name: str) -> str:
        return self.values[name]

    def replaced(self, values: dict[str, str]) -> Settings:
        """These settings with other values for some of them, checked as if they stood in .env."""
        return _checked({**self.values, **values})

    @property
    def project(self) -> str:
        """The Compose project: the label on everything the lab owns."""
        return self["COMPOSE_PROJECT_NAME"]

    @property
    def replicas(self) -> int:
        """How many app servers run."""
        return int(self["REPLICAS"])

    @property
    def postgres(self) -> bool:
        """Whether the database is PostgreSQL, on a host of its own, and not SQLite."""
        return self["DB"] == "postgres"

    @property
    def profiles(self) -> set[str]:
        """The optional hosts that run: each is a profile of its own in the compose file."""
        notifier = self["NOTIFIER"] == "on"
        wanted = {"app3": self.replicas == 3, "notifier": notifier, "postgres": self.postgres}
        return {name for name, runs in wanted.items() if runs}

    @property
    def users(self) -> list[dict[str, Any]]:
        """The lab's users, in the form that `manage.py ensure_users` reads."""
        return [person.record(self[person.setting]) for person in PEOPLE]


def defaults() -> dict[str, str]:
    """The values of .env.example."""
    return _read(paths.ENV_EXAMPLE)


def load() -> Settings:
    """Read and check the settings; raises LabError if there is no .env yet or a value is wrong."""
    if not paths.env_file().exists():
        raise LabError(f"there is no {_name()} yet; make up writes it", ExitCode.UNMEASURED)
    return _checked(_read(paths.env_file()))


def ensure(internet: str | None = None) -> Settings:
    """As `load`, but writes .env first if it is missing, and fills in the passwords that it has not got.

    `internet` is what a new .env says for LAB_INTERNET.
    """
    path = paths.env_file()
    text = _with_every_password(path.read_text() if path.exists() else _example(internet))
    empty = re.compile(rf"^({'|'.join(PASSWORDS)})=[ \t]*$", re.MULTILINE)
    if empty.search(text):
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, empty.sub(lambda found: f"{found[1]}={secrets.token_urlsafe(9)}", text))
        _unshown().parent.mkdir(parents=True, exist_ok=True)
        _unshown().touch()
    return load()


def keep(name: str, value: str) -> None:
    """Write one setting into .env, in the place where it stands; raises LabError for a wrong value."""
    path = paths.env_file()
    _checked({**_read(path), name: value})
    text, line = path.read_text(), f"{name}={value}"
    text, found = re.subn(rf"^{name}=.*$", line, text, flags=re.MULTILINE)
    end = "" if text.endswith("\n") else "\n"
    _replace(path, text if found else f"{text}{end}{line}\n")


def _example(internet: str | None) -> str:
    text = paths.ENV_EXAMPLE.read_text()
    return re.sub(r"^(LAB_INTERNET)=.*$", rf"\1={internet}", text, flags=re.MULTILINE) if internet else text


def _with_every_password(text: str) -> str:
    """The text, and an empty line for each user whom an older .env does not know yet."""
    missing = [name for name in PASSWORDS if not re.search(rf"^{name}=", text, re.MULTILINE)]
    end = "" if text.endswith("\n") or not missing else "\n"
    return text + end + "".join(f"{name}=\n" for name in missing)


def passwords_to_show() -> bool:
    """Whether passwords were made up that nobody has seen yet: `up` may have failed since."""
    return _unshown().exists()


def passwords_shown() -> None:
    """Note that the user has seen the passwords."""
    _unshown().unlink(missing_ok=True)


def _unshown() -> Path:
    return paths.state() / "passwords-not-shown-yet"


def _replace(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    new = path.with_name(path.name + ".new")
    new.touch(mode=0o600)
    new.write_text(text)
    new.replace(path)


def _read(path: Path) -> dict[str, str]:
    return {name: value or "" for name, value in dotenv_values(path, interpolate=False).items()}


def _checked(given: dict[str, str]) -> Settings:
    for name in given:
        if name not in FORMS:
            close = difflib.get_close_matches(name, FORMS, n=1)
            _refuse(
                name, "is no setting" + (f"; did you mean {close[0]}?" if close else "; take the line out")
            )
    values = {**defaults(), **given}
    for name, (form, words) in FORMS.items():
        if not re.fullmatch(form, values[name]):
            shown = "its value" if name in SECRET else f"'{values[name]}'"
            _refuse(name, f"must be {words}, but {shown} is not; mend the line and run make up again")
    _check_addresses(values)
    _check_ports(values)
    _check_threads(values)
    return Settings(values)


def _check_addresses(values: dict[str, str]) -> None:
    for name, rest in (("LAB_PREFIX", ".10.0"), ("LAB_INTERNET", ".0")):
        try:
            ipaddress.IPv4Address(values[name] + rest)
        except ValueError:
            _refuse(name, f"'{values[name]}' is no beginning of an IPv4 address; a byte goes from 0 to 255")
    if values["LAB_INTERNET"] in [f"{values['LAB_PREFIX']}.{zone}" for zone in INSIDE]:
        _refuse("LAB_INTERNET", f"is a network of LAB_PREFIX={values['LAB_PREFIX']} already; choose another")
    edge = values["LAB_PREFIX"] + ".10.1"
    if edge not in values["ALLOWED_HOSTS"].split(","):
        _refuse("ALLOWED_HOSTS", f"lacks {edge}, the service's address under LAB_PREFIX; add it to the list")


def _check_ports(values: dict[str, str]) -> None:
    taken: dict[int, str] = {}
    for name in PORTS:
        port = int(values[name])
        if not 1 <= port <= 65535:
            _refuse(name, f"'{values[name]}' is no port; ports go from 1 to 65535")
        if taken.setdefault(port, name) != name:
            _refuse(name, f"is {port}, as {taken[port]} is; give each its own port")


def _check_threads(values: dict[str, str]) -> None:
    servers, workers, threads = (int(values[name]) for name in ("REPLICAS", "WEB_WORKERS", "WEB_THREADS"))
    if values["DB"] == "postgres" and (wanted := max(servers, 2) * workers * threads) > MOST_THREADS:
        why = f"makes {wanted} threads in all, each with a connection to PostgreSQL, which has {MOST_THREADS}"
        _refuse("WEB_WORKERS", f"{why}; take fewer workers or threads, or DB=sqlite")


def _refuse(name: str, why: str) -> NoReturn:
    raise LabError(f"{_name()}: {name} {why}", ExitCode.USAGE)


def _name() -> str:
    path = paths.env_file()
    return str(path.relative_to(paths.ROOT)) if path.is_relative_to(paths.ROOT) else str(path)
