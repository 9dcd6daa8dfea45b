"""The application's own settings: Django's deployment check, and what it does not look at."""

from __future__ import annotations

from lab.audit.django import judges
from lab.audit.django.evidence import Evidence, gather
from lab.audit.model import Check, Family, Level

SHOW = "docker exec APP1 python manage.py diffsettings --all"
SETTINGS = "app/drf_jwt_backend/settings.py and the app's environment in docker-compose.yml."
CHECKS: tuple[Check[Evidence], ...] = (
    Check(
        "DJANGO-DEPLOY",
        Level.MEDIUM,
        "Django's own deployment check has nothing to say",
        "Each of its warnings is a protection that Django has and that is off.",
        "The setting that the warning names; or, with the reason beside it, SILENCED_SYSTEM_CHECKS.",
        "docker exec APP1 python manage.py check --deploy",
        judges.deploy,
    ),
    Check(
        "DJANGO-SILENCED",
        Level.INFO,
        "No deployment check is silenced",
        "What is silenced is not looked at again; here others look at the same from outside.",
        "Read the reasons in app/drf_jwt_backend/settings.py.",
        SHOW,
        judges.silenced,
    ),
    Check(
        "DJANGO-DEBUG",
        Level.HIGH,
        "DEBUG is off",
        "Debug pages show settings, paths and code, and every query is kept in memory.",
        f"Take DEBUG out of {SETTINGS}",
        SHOW,
        judges.debug,
    ),
    Check(
        "DJANGO-KEY",
        Level.HIGH,
        "SECRET_KEY is long, and nobody else's",
        "Whoever knows it makes tokens and sessions for anybody.",
        "Remove the state folder's secrets/secret_key and run make up, which makes a new one.",
        "docker exec APP1 sh -c 'wc -c < /run/secrets/secret_key'",
        judges.key,
    ),
    Check(
        "DJANGO-HOSTS",
        Level.MEDIUM,
        "ALLOWED_HOSTS has no pattern",
        "Links in answers are made from the name that was asked for: * lets the asker choose it.",
        "ALLOWED_HOSTS in .env: names and addresses alone.",
        SHOW,
        judges.hosts,
    ),
    Check(
        "DJANGO-HASHER",
        Level.HIGH,
        "Passwords are kept by a slow, salted hash",
        "A stolen database with fast hashes is a list of passwords a day later.",
        f"Take PASSWORD_HASHERS out of {SETTINGS}",
        SHOW,
        judges.hashers,
    ),
    Check(
        "DJANGO-PASSWORDS",
        Level.LOW,
        "New passwords must not be easily guessed",
        "The first thousand guesses are the same everywhere.",
        "AUTH_PASSWORD_VALIDATORS in app/drf_jwt_backend/settings.py.",
        SHOW,
        judges.validators,
    ),
    Check(
        "DJANGO-TOOLS",
        Level.MEDIUM,
        "No developer's tool is installed",
        "A toolbar for the author shows queries and settings to everybody.",
        "INSTALLED_APPS in app/drf_jwt_backend/settings.py.",
        SHOW,
        judges.developers,
    ),
    Check(
        "DJANGO-COOKIES",
        Level.MEDIUM,
        "No script reads the session's cookie, and no other site brings it along",
        "One hole in a page, or one form elsewhere, and somebody acts in the student's name.",
        "SESSION_COOKIE_HTTPONLY and …_SAMESITE in app/drf_jwt_backend/settings.py.",
        SHOW,
        judges.cookies,
    ),
    Check(
        "DJANGO-PROXIES",
        Level.HIGH,
        "The app believes exactly one proxy, and of it no name",
        "One too many, and a client writes its own address into the throttle's book.",
        'NUM_PROXIES: "1" in docker-compose.yml.',
        SHOW,
        judges.proxies,
    ),
    Check(
        "DJANGO-FRAMES",
        Level.LOW,
        "The app itself forbids frames, whoever stands before it",
        "Past the edge (an experiment, runserver) no Nginx adds the header.",
        'X_FRAME_OPTIONS = "DENY" in app/drf_jwt_backend/settings.py.',
        SHOW,
        judges.one_of("X_FRAME_OPTIONS", ["DENY", "SAMEORIGIN"]),
    ),
)
FAMILY: Family[Evidence] = Family("django", "django", gather, CHECKS)
