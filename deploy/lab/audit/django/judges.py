"""What is wrong with what Django said of itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable

from lab.audit.django.evidence import Evidence
from lab.audit.model import Finding, UnmeasuredError

ENDED = "System check identified"
WARNING = re.compile(r"^\S+: \((?P<id>[\w.]+)\) (?P<said>.+)$", re.MULTILINE)
# Slow on purpose, and salted.
GOOD_HASHERS = ("PBKDF2", "Argon2", "Scrypt", "BCryptSHA256")
VALIDATORS = ("UserAttributeSimilarity", "MinimumLength", "CommonPassword", "NumericPassword")
FOR_DEVELOPERS = ("debug_toolbar", "django_extensions", "silk", "django_browser_reload")
KNOWN_KEYS = ("django-insecure-", "change", "secret", "only-for-collecting", "known to everybody")


def _value(evidence: Evidence, name: str) -> object:
    try:
        found: object = ast.literal_eval(evidence.settings[name])
    except KeyError:
        raise UnmeasuredError(f"Django did not say what {name} is") from None
    except (ValueError, SyntaxError):
        raise UnmeasuredError(f"what Django said of {name} cannot be read") from None
    return found


def _texts(evidence: Evidence, name: str) -> list[str]:
    value = _value(evidence, name)
    return [str(each) for each in value] if isinstance(value, list | tuple) else [str(value)]


def one_of(name: str, wanted: Iterable[object]) -> Callable[[Evidence], list[Finding]]:
    """A judge that wants one of these values."""
    good = list(wanted)

    def judge(evidence: Evidence) -> list[Finding]:
        value = _value(evidence, name)
        return [] if value in good else [Finding(name, f"it is {value!r}")]

    return judge


def deploy(evidence: Evidence) -> Iterable[Finding]:
    """Each warning of Django's own, by its id."""
    if ENDED not in evidence.checked:
        raise UnmeasuredError("manage.py check did not come to its end; see: make logs HOST=app1")
    return [Finding(found["id"], found["said"]) for found in WARNING.finditer(evidence.checked)]


def silenced(evidence: Evidence) -> Iterable[Finding]:
    """Each warning that is not given."""
    return [
        Finding(each, "it is silenced; the reason stands in app/drf_jwt_backend/settings.py")
        for each in _texts(evidence, "SILENCED_SYSTEM_CHECKS")
    ]


def debug(evidence: Evidence) -> Iterable[Finding]:
    """What shows the insides."""
    for name in ("DEBUG", "DEBUG_PROPAGATE_EXCEPTIONS"):
        if _value(evidence, name):
            yield Finding(name, "it is on")


def key(evidence: Evidence) -> Iterable[Finding]:
    """A key that can be known or guessed."""
    key = str(_value(evidence, "SECRET_KEY"))
    if any(word in key.lower() for word in KNOWN_KEYS):
        yield Finding("SECRET_KEY", "it is one that is known from a file")
    elif len(key) < 50 or len(set(key)) < 20:
        yield Finding("SECRET_KEY", f"it has {len(key)} characters, {len(set(key))} of them different")
    if fallbacks := _texts(evidence, "SECRET_KEY_FALLBACKS"):
        yield Finding("SECRET_KEY_FALLBACKS", f"{len(fallbacks)} older keys are still good")


def hosts(evidence: Evidence) -> Iterable[Finding]:
    """Patterns among the names."""
    for host in _texts(evidence, "ALLOWED_HOSTS"):
        if host.startswith(("*", ".")):
            yield Finding("ALLOWED_HOSTS", f"'{host}' is more than one name")


def hashers(evidence: Evidence) -> Iterable[Finding]:
    """How the next password is kept."""
    first = next(iter(_texts(evidence, "PASSWORD_HASHERS")), "none")
    name = first.rpartition(".")[2]
    if not name.startswith(GOOD_HASHERS):
        yield Finding("PASSWORD_HASHERS", f"new passwords are kept by {name}")


def validators(evidence: Evidence) -> Iterable[Finding]:
    """Which easy passwords are let pass."""
    text = evidence.settings.get("AUTH_PASSWORD_VALIDATORS", "")
    return [
        Finding("AUTH_PASSWORD_VALIDATORS", f"{name}Validator is not among them")
        for name in VALIDATORS
        if f"{name}Validator" not in text
    ]


def developers(evidence: Evidence) -> Iterable[Finding]:
    """Tools that only a developer wants."""
    for name in _texts(evidence, "INSTALLED_APPS"):
        if name.partition(".")[0] in FOR_DEVELOPERS:
            yield Finding(name, "it is a developer's tool that shows the application's insides")


def cookies(evidence: Evidence) -> Iterable[Finding]:
    """Who else gets at the session."""
    if _value(evidence, "SESSION_COOKIE_HTTPONLY") is not True:
        yield Finding("SESSION_COOKIE_HTTPONLY", "a page's script can read the session")
    for name in ("SESSION_COOKIE_SAMESITE", "CSRF_COOKIE_SAMESITE"):
        if _value(evidence, name) not in ("Lax", "Strict"):
            yield Finding(name, f"it is {_value(evidence, name)!r}: other sites' requests bring the cookie")


def proxies(evidence: Evidence) -> Iterable[Finding]:
    """Whose word the app takes for who is calling."""
    yield from one_of("NUM_PROXIES", [1])(evidence)
    yield from one_of("USE_X_FORWARDED_HOST", [False])(evidence)
