"""What a check looks at on the lab: is the folder in force, does the service work, is each weakness gone?"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping

from lab.engine import container
from lab.errors import ExitCode, LabError
from lab.exercises.bench import RunningLab
from lab.exercises.ex12_audit import applying, questions, waiving
from lab.exercises.ex12_audit.drawn import Drawn
from lab.exercises.ex12_audit.evidence import Look
from lab.exercises.ex12_audit.pool import planted
from lab.exercises.ex12_audit.weakness import Weakness
from lab.exercises.model import Answer, Judgement, Seen
from lab.firewall.site import Containers

CODE = ["-s", "-m", "10", "-w", "\n%{http_code}"]
TRIES, PAUSE = 8, 0.5  # log-ins; who has just sent hundreds of them is told to wait a little


def look(lab: RunningLab, drawn: Drawn, answers: Mapping[str, Answer]) -> Seen:
    """Judge the lab; raises LabError (exit code 3) for a part of it that cannot be looked at."""
    container(lab.settings.project, "edge")
    first = [_in_force(lab), _works(lab), _https(lab), _nothing_waived(drawn)]
    named = answers["weaknesses"].words if "weaknesses" in answers else ()
    seen, eight = Look(lab, drawn), planted(drawn)
    mended = [_mended(seen, drawn, one, number, one.word in named) for number, one in enumerate(eight, 1)]
    return Seen([*first, *mended], questions.truths(drawn, answers))


def _in_force(lab: RunningLab) -> Judgement:
    hosts = applying.not_in_force(lab)
    hint = f"{', '.join(hosts)} do not run with what it says now: make apply EX=12"
    return Judgement("the lab runs with answers/12", not hosts, hint if hosts else "")


def _works(lab: RunningLab) -> Judgement:
    what, problem = "the service works: student1 logs in and lists tickets", _problem(lab)
    hint = f"{problem}; a service that is cut off is not mended: let it do its work, and nothing besides"
    return Judgement(what, not problem, hint if problem else "")


def _problem(lab: RunningLab) -> str:
    """What keeps a student from logging in and listing tickets, from the client; empty if nothing does."""
    user = json.dumps({"username": "student1", "password": lab.settings["STUDENT1_PASSWORD"]})
    for _ in range(TRIES):
        code, said = _ask(
            lab, "/api/token/", ["-H", "Content-Type: application/json", "--data-binary", "@-"], user
        )
        if code != "429":
            break
        time.sleep(PAUSE)
    if code != "200":
        return f"a log-in from the client was answered {code}"
    token = json.loads(said)["access"]
    code, said = _ask(lab, "/api/tickets/?page_size=1", ["-H", "@-"], f"Authorization: Bearer {token}\n")
    return (
        "" if code == "200" and "results" in json.loads(said) else f"the list of tickets was answered {code}"
    )


def _ask(lab: RunningLab, path: str, words: list[str], stdin: str) -> tuple[str, str]:
    """Status and body; 000 for no answer. What is secret goes in by standard input."""
    url = f"http://{lab.address('edge')}{path}"
    done = Containers(lab.settings).run("client", ["curl", *CODE, *words, url], stdin=stdin)
    body, _, code = done.stdout.rpartition("\n")
    return code, body


def _https(lab: RunningLab) -> Judgement:
    on = lab.https_is_on()
    return Judgement(
        "HTTPS is on", on, "" if on else "it was on when you began, and is mended, not ended: make tls"
    )


def _nothing_waived(drawn: Drawn) -> Judgement:
    checks = waiving.waived(planted(drawn))
    hint = f"a waiver says that a finding is borne, it mends nothing: take {', '.join(checks)} out of "
    what = "none of them is waived"
    return Judgement(what, not checks, hint + "deploy/audit/waivers.toml, and mend it" if checks else "")


def _mended(look: Look, drawn: Drawn, one: Weakness, number: int, named: bool) -> Judgement:
    """Whether one is gone. Its name is told to whoever has found it, and the layer to everybody."""
    what = f"{number} of 8 is mended ({one.layer}{f': {one.word}' if named else ''})"
    try:
        found = one.seen(look, drawn)
    except LabError as error:
        raise LabError(f"{what} could not be looked at: {error}", ExitCode.UNMEASURED) from error
    if not found:
        return Judgement(what, True)
    if named:
        return Judgement(
            what, False, f"it is still there: {'; '.join(found)}. Mend it in its file, then make apply EX=12"
        )
    return Judgement(
        what, False, f"something of the layer {one.layer} is still open, and you have not named it"
    )
