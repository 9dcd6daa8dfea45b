"""The exercise's accounts in the application's database, and who else can log in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lab.errors import ExitCode, LabError
from lab.exercises.bench import RunningLab
from lab.firewall.site import Containers
from lab.process import last_words

# What the audit's judges of the application's settings look at, and the throttle.
SETTINGS = (
    "DEBUG",
    "DEBUG_PROPAGATE_EXCEPTIONS",
    "ALLOWED_HOSTS",
    "NUM_PROXIES",
    "USE_X_FORWARDED_HOST",
    "THROTTLE_FILE_TICKET",
)
# Both read JSON from standard input: a password on a command line could be read by everybody on the VM.
MAKE = """
import json, sys
from django.contrib.auth.models import User
from ticketing.services.users import ensure, parse
from ticketing.services.json_input import InputError
said = json.load(sys.stdin)
try:
    wanted = parse(said["accounts"])
except InputError as error:
    sys.exit(str(error))
User.objects.filter(username__in=said["ours"]).delete()
for _ in ensure(wanted, reset_passwords=True):
    pass
"""
# Settings and account together, since starting Django takes longer than all of it.
SEE = """
import json, sys
from django.conf import settings
from django.contrib.auth.models import User
said = json.load(sys.stdin)
print(json.dumps({
    "settings": {name: repr(getattr(settings, name)) for name in said["settings"]},
    "accounts": [
        {
            "name": user.username,
            "instructor": user.is_staff or user.is_superuser or bool(user.groups.filter(name="instructors")),
            "guessed": next((word for word in said["guesses"] if user.check_password(word)), ""),
        }
        for user in User.objects.filter(username=said["name"], is_active=True)
    ],
}))
"""


@dataclass(frozen=True)
class Seen:
    """What the application says: its settings as Python writes them, and the accounts that were asked for."""

    settings: dict[str, str]
    accounts: list[dict[str, Any]]


def make(lab: RunningLab, ours: Sequence[str], accounts: Sequence[dict[str, Any]]) -> None:
    """Let there be these accounts, of `ours` no others; raises LabError in the application's own words."""
    done = _shell(lab, MAKE, {"ours": list(ours), "accounts": list(accounts)})
    if done.returncode != 0:
        said = last_words(done, 1)
        raise LabError(
            f"answers/12/accounts.json: {said} Mend it there, then make apply EX=12", ExitCode.USAGE
        )


def seen(lab: RunningLab, name: str, guesses: Sequence[str]) -> Seen:
    """What the application says of its settings, and of this account if it is there.

    A guess takes a quarter of a second. Raises LabError (exit code 3) if the application does not say.
    """
    done = _shell(lab, SEE, {"name": name, "guesses": list(guesses), "settings": SETTINGS})
    if done.returncode != 0:
        raise LabError(f"app1 does not say who may log in: {last_words(done)}", ExitCode.UNMEASURED)
    found = json.loads(done.stdout)
    return Seen(found["settings"], found["accounts"])


def _shell(lab: RunningLab, code: str, said: object) -> Any:  # noqa: ANN401  # a finished process
    where = Containers(lab.settings)
    return where.run("app1", ["python", "manage.py", "shell", "-v", "0", "-c", code], stdin=json.dumps(said))
