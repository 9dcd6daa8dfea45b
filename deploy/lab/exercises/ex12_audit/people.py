"""The exercise's accounts in the application's database, and who else can log in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from lab.errors import ExitCode, LabError
from lab.exercises.bench import RunningLab
from lab.exercises.ex12_audit.drawn import PASSWORDS
from lab.firewall.site import Containers
from lab.process import last_words

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
SEE = """
import json, sys
from django.contrib.auth.models import User
said = json.load(sys.stdin)
print(json.dumps([
    {
        "name": user.username,
        "instructor": user.is_staff or user.is_superuser or user.groups.filter(name="instructors").exists(),
        "guessed": next((word for word in said["guesses"] if user.check_password(word)), ""),
    }
    for user in User.objects.filter(username__in=said["ours"], is_active=True)
]))
"""


def make(lab: RunningLab, ours: Sequence[str], accounts: Sequence[dict[str, Any]]) -> None:
    """Let there be these accounts, of `ours` no others; raises LabError in the application's own words."""
    done = _shell(lab, MAKE, {"ours": list(ours), "accounts": list(accounts)})
    if done.returncode != 0:
        said = last_words(done, 1)
        raise LabError(
            f"answers/12/accounts.json: {said} Mend it there, then make apply EX=12", ExitCode.USAGE
        )


def seen(lab: RunningLab, name: str, *, guess: bool = False) -> list[dict[str, Any]]:
    """This account, if it is there: is it an instructor's, and with `guess`, which guess is its password?

    Raises LabError (exit code 3) if the application does not say.
    """
    done = _shell(lab, SEE, {"ours": [name], "guesses": PASSWORDS if guess else ()})
    if done.returncode != 0:
        raise LabError(f"app1 does not say who may log in: {last_words(done)}", ExitCode.UNMEASURED)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def _shell(lab: RunningLab, code: str, said: object) -> Any:  # noqa: ANN401  # a finished process
    where = Containers(lab.settings)
    return where.run("app1", ["python", "manage.py", "shell", "-v", "0", "-c", code], stdin=json.dumps(said))
