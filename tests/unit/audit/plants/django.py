"""What Django says of settings in order, and of some with a weakness."""

from __future__ import annotations

from lab.audit.django.evidence import Evidence, parsed
from tests.unit.audit.planting import Plant

CHECKED = "System check identified no issues (4 silenced).\n"
PRINTED = """
### DEBUG = False
### DEBUG_PROPAGATE_EXCEPTIONS = False
ALLOWED_HOSTS = ['10.10.10.1', 'localhost', '127.0.0.1']  ###
SECRET_KEY = 'f2Kq9-xZ8bWmTn4LsYc7VjRd0HgPe5Ua1oXi3BwMtQvKyJzN6rCl'  ###
### SECRET_KEY_FALLBACKS = []
### PASSWORD_HASHERS = ['django.contrib.auth.hashers.PBKDF2PasswordHasher', 'a.MD5PasswordHasher']
AUTH_PASSWORD_VALIDATORS = [{'NAME': 'v.UserAttributeSimilarityValidator'}, {'NAME': 'v.MinimumLengthValidator'}, {'NAME': 'v.CommonPasswordValidator'}, {'NAME': 'v.NumericPasswordValidator'}]
INSTALLED_APPS = ['django.contrib.admin', 'rest_framework', 'ticketing']
SILENCED_SYSTEM_CHECKS = []
### SESSION_COOKIE_HTTPONLY = True
### SESSION_COOKIE_SAMESITE = 'Lax'
### CSRF_COOKIE_SAMESITE = 'Lax'
NUM_PROXIES = 1  ###
### USE_X_FORWARDED_HOST = False
### X_FRAME_OPTIONS = 'DENY'
"""  # noqa: E501  # as Django prints it
CLEAN = Evidence(CHECKED, parsed(PRINTED))
WARNED = (
    "System check identified some issues:\n\nWARNINGS:\n"
    "?: (security.W018) You should not have DEBUG set to True in deployment.\n\n"
    "System check identified 1 issue (0 silenced).\n"
)


def but(name: str, value: str) -> Evidence:
    """The clean settings with another value for one of them."""
    assert name in CLEAN.settings
    return Evidence(CHECKED, {**CLEAN.settings, name: value})


HASHERS = "['django.contrib.auth.hashers.{}', 'django.contrib.auth.hashers.PBKDF2PasswordHasher']"
PLANTS = (
    Plant("DJANGO-DEPLOY", "a warning", Evidence(WARNED, CLEAN.settings), "security.W018"),
    Plant(
        "DJANGO-DEPLOY",
        "the check breaks off",
        Evidence("Traceback", CLEAN.settings),
        "manage.py check did not come to its end; see: make logs HOST=app1",
    ),
    Plant("DJANGO-SILENCED", "a check that is off", but("SILENCED_SYSTEM_CHECKS", "['x.W1']"), "x.W1"),
    Plant("DJANGO-DEBUG", "debug pages", but("DEBUG", "True"), "DEBUG"),
    Plant(
        "DJANGO-DEBUG",
        "exceptions pass to the server",
        but("DEBUG_PROPAGATE_EXCEPTIONS", "True"),
        "DEBUG_PROPAGATE_EXCEPTIONS",
    ),
    Plant(
        "DJANGO-KEY", "startproject's key", but("SECRET_KEY", f"'django-insecure-{'x9' * 30}'"), "SECRET_KEY"
    ),
    Plant("DJANGO-KEY", "a short key", but("SECRET_KEY", "'f2Kq9-xZ8bWmTn4LsYc7VjRd0HgPe5Ua'"), "SECRET_KEY"),
    Plant("DJANGO-KEY", "one letter", but("SECRET_KEY", repr("a" * 64)), "SECRET_KEY"),
    Plant("DJANGO-KEY", "an old key", but("SECRET_KEY_FALLBACKS", "['old']"), "SECRET_KEY_FALLBACKS"),
    Plant("DJANGO-HOSTS", "any name", but("ALLOWED_HOSTS", "['*']"), "ALLOWED_HOSTS"),
    Plant("DJANGO-HOSTS", "a whole domain", but("ALLOWED_HOSTS", "['.example']"), "ALLOWED_HOSTS"),
    Plant(
        "DJANGO-HASHER",
        "MD5",
        but("PASSWORD_HASHERS", HASHERS.format("MD5PasswordHasher")),
        "PASSWORD_HASHERS",
    ),
    Plant(
        "DJANGO-HASHER",
        "plain SHA-1",
        but("PASSWORD_HASHERS", HASHERS.format("UnsaltedSHA1PasswordHasher")),
        "PASSWORD_HASHERS",
    ),
    Plant(
        "DJANGO-PASSWORDS",
        "common ones are accepted",
        but(
            "AUTH_PASSWORD_VALIDATORS",
            CLEAN.settings["AUTH_PASSWORD_VALIDATORS"].replace("CommonPassword", "Other"),
        ),
        "AUTH_PASSWORD_VALIDATORS",
    ),
    Plant("DJANGO-TOOLS", "the debug toolbar", but("INSTALLED_APPS", "['debug_toolbar']"), "debug_toolbar"),
    Plant(
        "DJANGO-COOKIES",
        "scripts read it",
        but("SESSION_COOKIE_HTTPONLY", "False"),
        "SESSION_COOKIE_HTTPONLY",
    ),
    Plant(
        "DJANGO-COOKIES",
        "other sites bring it",
        but("SESSION_COOKIE_SAMESITE", "'None'"),
        "SESSION_COOKIE_SAMESITE",
    ),
    Plant("DJANGO-PROXIES", "a client's word counts", but("NUM_PROXIES", "2"), "NUM_PROXIES"),
    Plant(
        "DJANGO-PROXIES",
        "a client names the host",
        but("USE_X_FORWARDED_HOST", "True"),
        "USE_X_FORWARDED_HOST",
    ),
    Plant("DJANGO-FRAMES", "frames anywhere", but("X_FRAME_OPTIONS", "'ALLOWALL'"), "X_FRAME_OPTIONS"),
)
