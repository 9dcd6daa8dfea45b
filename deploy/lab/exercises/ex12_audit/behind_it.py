"""Weaknesses of the router's rules, of containers, of the application's settings, of accounts and files."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lab.exercises.ex12_audit import evidence
from lab.exercises.ex12_audit.configuration import Configuration, Plant
from lab.exercises.ex12_audit.drawn import GUESSABLE, Drawn
from lab.exercises.ex12_audit.evidence import Look
from lab.exercises.ex12_audit.weakness import Weakness

UNUSED = 8081  # a port on which nothing listens: who is let through to it is refused by the target itself
SSH = 22  # the same, where an intruder would look
LAST_BYTE = {"app1": 11, "app2": 12, "live": 14}  # of the targets' addresses, as docker-compose.yml has them
FIREWALL_TEST = "make firewall-test"
LAST_OF_CLIENTS = 'comment "a load generator, past the reverse proxy for a while"\n'
LAST_OF_LAB = 'counter name edge_to_app_probe accept comment "ping shows the path"\n'
LAST_OF_BACKEND = 'counter name app_to_internet_probe accept comment "ping shows the path"\n'


def _rule(after: str, rule: str) -> Plant:
    """A plant that adds a rule; <TARGET> in it is the drawn host's name, which is put as its address."""

    def plant(configuration: Configuration, drawn: Drawn) -> None:
        prefix = configuration.settings["LAB_PREFIX"]
        address = f"{prefix}.30.{LAST_BYTE[drawn.target]}"
        configuration.swap_rule(after, f"{after}        {rule.replace('<TARGET>', address)}\n")

    return plant


def _router_open(configuration: Configuration, _: Drawn) -> None:
    old = "type filter hook input priority filter; policy drop;"
    configuration.swap_rule(old, old.replace("drop", "accept"))


def _hole(look: Look, drawn: Drawn) -> list[str]:
    open_ = look.let_through("client", look.lab.address(drawn.target), 8000)
    return ["the client reaches an app server past the reverse proxy"] if open_ else []


def _calls_out(look: Look, _: Drawn) -> list[str]:
    open_ = look.let_through("app1", look.lab.address("discord"), UNUSED)
    return ["an app server reaches ports that are no webhook's"] if open_ else []


def _edge_anywhere(look: Look, _: Drawn) -> list[str]:
    open_ = look.let_through("edge", look.lab.address("app1"), SSH)
    return ["the edge reaches more than Gunicorn's port of the app servers"] if open_ else []


def _router_answers(look: Look, _: Drawn) -> list[str]:
    router = str(look.lab.plan.zones["clients"].router)
    return (
        ["the router answers the client at ports of its own"]
        if look.let_through("client", router, SSH)
        else []
    )


def _host(name: str, value: Callable[[Drawn], object]) -> Plant:
    def plant(configuration: Configuration, drawn: Drawn) -> None:
        configuration.hosts[drawn.host][name] = value(drawn)

    return plant


def _publish(configuration: Configuration, drawn: Drawn) -> None:
    configuration.hosts["edge"]["ports"].append(f"0.0.0.0:{drawn.port}:80")


def _app(name: str, value: str) -> Plant:
    return lambda configuration, _: configuration.tell_apps(name, value)


def _promise(check: str) -> Callable[[Look, Drawn], Sequence[str]]:
    return lambda look, _: look.promise(check)


def _filing(look: Look, _: Drawn) -> list[str]:
    said, meant = look.app.settings["THROTTLE_FILE_TICKET"], look.lab.settings["THROTTLE_FILE_TICKET"]
    return [] if said == repr(meant) else [f"the application counts to {said}, and .env says {meant}"]


def _guessable(configuration: Configuration, drawn: Drawn) -> None:
    _account(configuration, drawn)["password"] = drawn.password


def _too_wide(configuration: Configuration, drawn: Drawn) -> None:
    _account(configuration, drawn)["role"] = "instructor"


def _account(configuration: Configuration, drawn: Drawn) -> dict[str, str]:
    found: dict[str, str] = next(
        one for one in configuration.accounts if one["username"] == drawn.accounts[0]
    )
    return found


def _guessed(look: Look, _: Drawn) -> list[str]:
    return [
        f"{one['name']} has a password that is guessed at once" for one in look.app.accounts if one["guessed"]
    ]


def _is_instructor(look: Look, _: Drawn) -> list[str]:
    return [
        f"{one['name']} may do all that an instructor may" for one in look.app.accounts if one["instructor"]
    ]


def _leak(configuration: Configuration, _: Drawn) -> None:
    configuration.tell_apps("SUPPORT_LOGIN", f"agent1:{configuration.settings['AGENT1_PASSWORD']}")


def _open_env(configuration: Configuration, _: Drawn) -> None:
    configuration.env_mode = 0o644


POOL = (
    Weakness(
        "hole-to-the-apps", "firewall", "clients reach an app server past the reverse proxy",
        _rule(LAST_OF_CLIENTS, "ip daddr <TARGET> tcp dport 8000 counter name clients_to_app_direct accept "
              'comment "monitoring, for now"'),
        _hole, True, "NET-OPEN",
    ),
    Weakness(
        "apps-call-anywhere", "firewall", "the app servers may call anything on the internet",
        _rule(LAST_OF_BACKEND,
              'ip daddr != $inside counter name app_to_webhook accept comment "package updates"'),
        _calls_out, False, found=FIREWALL_TEST,
    ),
    Weakness(
        "edge-goes-anywhere", "firewall", "the reverse proxy reaches every port of the backend",
        _rule(LAST_OF_LAB, 'ip saddr $edge counter name edge_to_app accept comment "makes debugging easier"'),
        _edge_anywhere, False, found=FIREWALL_TEST,
    ),
    Weakness(
        "router-answers", "firewall", "the router itself takes connections",
        _router_open, _router_answers, True, found=FIREWALL_TEST,
    ),
    Weakness(
        "disk-writable", "container", "an intruder can write into a host's root file system",
        _host("read_only", lambda _: False), _promise("CIS-5.12"), False, "CIS-5.12",
    ),
    Weakness(
        "capability-added", "container", "a host has a capability that it has no use for",
        _host("cap_add", lambda drawn: [drawn.capability]), _promise("CIS-5.3"), False, "CIS-5.3",
    ),
    Weakness(
        "port-published", "container", "a port of the VM leads to a host, for the whole campus",
        _publish, _promise("CIS-5.13"), False, "CIS-5.13",
    ),
    Weakness(
        "processes-unlimited", "container", "a host may start processes until the VM has no room left",
        _host("pids_limit", lambda _: -1), _promise("CIS-5.28"), False, "CIS-5.28",
    ),
    Weakness(
        "debug-on", "service", "error pages show the application's insides",
        _app("DEBUG", "true"), _promise("DJANGO-DEBUG"), True, "DJANGO-DEBUG",
    ),
    Weakness(
        "any-host-believed", "service", "the application believes any Host header",
        _app("ALLOWED_HOSTS", "*"), _promise("DJANGO-HOSTS"), False, "DJANGO-HOSTS",
    ),
    Weakness(
        "proxies-miscounted", "service", "the application believes one proxy more than there is",
        _app("NUM_PROXIES", "2"), _promise("DJANGO-PROXIES"), False, "DJANGO-PROXIES",
    ),
    Weakness(
        "filing-unlimited", "service", "whoever has no account may file any number of tickets",
        _app("THROTTLE_FILE_TICKET", "5000/sec"), _filing, True, "LIMIT-FILING",
    ),
    Weakness(
        GUESSABLE, "people", "an account has a password near the top of every guesser's list",
        _guessable, _guessed, True, found="answers/12/accounts.json",
    ),
    Weakness(
        "rights-too-wide", "people", "an account of a room has an instructor's rights",
        _too_wide, _is_instructor, False, found="answers/12/accounts.json",
    ),
    Weakness(
        "settings-readable", "files", "whoever is on the VM can read .env, with its passwords",
        _open_env, lambda *_: evidence.env_is_open(), False, "SEC-MODES",
    ),
    Weakness(
        "password-in-environment", "files", "a user's password stands in a host's environment",
        _leak, lambda look, _: look.passwords_in_environment(), False, "SEC-ENVIRONMENT",
    ),
)  # fmt: skip
