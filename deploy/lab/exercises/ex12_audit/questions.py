"""What is asked, and what is right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lab.exercises.ex12_audit.drawn import Drawn
from lab.exercises.ex12_audit.pool import LAYERS, POOL, planted
from lab.exercises.model import Answer, Mistake, Part, Question, Truth
from lab.exercises.quantity import COUNT

BURST, PACE = 100, 5  # of log-ins in nginx.conf: at once, and a second
NEAR = 30.0  # refusals: for each 0.2 s that sending takes one more is let pass, 2 s and more on a busy VM
COSTS = ("within-the-noise", "twice-as-long", "ten-times-as-long")
REFUSALS = ("page", "400", "connection-closed")


def refused(drawn: Drawn) -> float:
    """How many of so many log-ins at once are refused: one is let pass, and as many as the burst has."""
    return float(drawn.tries - BURST - 1)


def questions(drawn: Drawn) -> Sequence[Question]:
    """The sheet."""
    words = ", ".join(POOL)
    return (
        Question("refused", Part.PREDICT, f"{drawn.tries} log-ins at once from one client; limit_req has "
                 f"burst={BURST} nodelay, at {PACE} a second: how many are refused (429)?", COUNT),
        Question("forged_host", Part.PREDICT, "ALLOWED_HOSTS is * in Django, and Nginx is as shipped: what "
                 "does a request for http://evil.example get?", choices=REFUSALS),
        Question("weaknesses", Part.MEASURE, f"Your eight, out of: {words}.", listed=True),
        Question("account", Part.MEASURE, "The user name of the account that is not as it should be."),
        Question("refused_seen", Part.MEASURE, f"How many of {drawn.tries} log-ins at once were refused, "
                 "when all was mended.", COUNT),
        Question("from_outside", Part.EXPLAIN, "Those of your eight that somebody can show who has a shell "
                 "on the client and nothing else.", listed=True),
        Question("cost", Part.EXPLAIN, "How long does the median request for /healthz take, beside before?",
                 choices=COSTS),
    )  # fmt: skip


def right(drawn: Drawn) -> dict[str, object]:
    """The right answers, as they are written."""
    eight = planted(drawn)
    return {
        "refused": str(round(refused(drawn))),
        "forged_host": "connection-closed",
        "weaknesses": [one.word for one in eight],
        "account": drawn.accounts[0],
        "refused_seen": str(round(refused(drawn))),
        "from_outside": [one.word for one in eight if one.outside],
        "cost": COSTS[0],
    }


def truths(drawn: Drawn, answers: Mapping[str, Answer]) -> list[Truth]:
    """The truth of each, with the hints for what was answered."""
    no_burst = Mistake(float(drawn.tries - PACE), "the burst counts too: so many may come before their time")
    no_limit = Mistake(0.0, "there is a limit: find limit_req zone=logins in nginx/nginx.conf")
    all_ = Mistake(float(drawn.tries), "the first ones have the whole burst before them")
    count = refused(drawn)
    return [
        Truth("refused", count, 6.0, mistakes=(no_limit, no_burst, all_),
              otherwise="one is let pass, then as many as the burst has; what is left is refused"),
        Truth("forged_host", REFUSALS[2], mistakes=(
            Mistake("400", "that is Django's answer, and ALLOWED_HOSTS is * now; who is asked before?"),
            Mistake("page", "it has to pass Nginx first, whose default server closes the connection"))),
        _named(drawn, answers.get("weaknesses")),
        Truth("account", drawn.accounts[0], otherwise="answers/12/accounts.json lists what each of them is "
              "and has; a room's account files tickets as a student, with a password that nobody guesses"),
        Truth("refused_seen", count, NEAR, mistakes=(Mistake(0.0, "the limit of log-ins was not in force: "
              "mend it, make apply EX=12, wait 20 s and send them again"),),
              otherwise="wait 20 s, so that the burst is whole again, and send them again as the page says"),
        _outside(drawn),
        Truth("cost", COSTS[0], otherwise="repeat the 21 requests: their medians differ by themselves; "
              "rules, limits and headers are looked up in microseconds"),
    ]  # fmt: skip


def known(drawn: Drawn) -> list[Truth]:
    """Its truths need no lab, and whoever judges them once more needs no hints."""
    return [one for one in truths(drawn, {}) if one.question != "refused_seen"]


def _named(drawn: Drawn, answer: Answer | None) -> Truth:
    mistakes = [*_too_many(drawn, answer), *_unknown(answer), *_unplanted(drawn)]
    named = set(answer.words) if answer else set()
    layers = [
        layer
        for layer, words in LAYERS.items()
        if any(word in drawn.words and word not in named for word in words)
    ]
    missing = f"{len(set(drawn.words) - named)} of your eight are missing; look again at: {', '.join(layers)}"
    return Truth("weaknesses", drawn.words, mistakes=tuple(mistakes), otherwise=missing)


def _too_many(drawn: Drawn, answer: Answer | None) -> Iterator[Mistake]:
    if answer and len(answer.words) > len(drawn.words):
        said = (
            f"you name {len(answer.words)}, and there are eight: keep those that you have seen for yourself"
        )
        yield Mistake(answer.words[0], said)


def _unplanted(drawn: Drawn) -> Iterator[Mistake]:
    for word, one in POOL.items():
        if word not in drawn.words:
            by = f"{one.promise} of make audit" if one.promise else one.found
            yield Mistake(word, f"'{word}' is not among yours: see what {by} says of it")


def _unknown(answer: Answer | None) -> Iterator[Mistake]:
    for word in answer.words if answer else ():
        if word not in POOL:
            yield Mistake(
                word, f"'{word}' is none of the words to choose from; they stand above the question"
            )


def _outside(drawn: Drawn) -> Truth:
    eight = planted(drawn)
    inside = [
        Mistake(
            one.word, f"'{one.word}' cannot be shown from the client alone: who would have to be where first?"
        )
        for one in eight
        if not one.outside
    ]
    others = [
        Mistake(one.word, f"'{one.word}' is not among your eight")
        for one in POOL.values()
        if one not in eight
    ]
    return Truth(
        "from_outside",
        tuple(one.word for one in eight if one.outside),
        mistakes=(*inside, *others),
        otherwise="one more can be shown with curl, nc, nmap or openssl on the client; try each there",
    )
