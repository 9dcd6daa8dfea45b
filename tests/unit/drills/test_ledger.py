"""The account of a drill: what is exact passes, and each thing that can be wrong is found."""

from __future__ import annotations

import json

import pytest

from lab.drills import ledger
from lab.drills.ledger import Account, Ticket
from lab.drills.model import NOTHING
from lab.drills.verdict import judge
from lab.errors import ExitCode, LabError


def lines(*told: tuple[str, str, int]) -> list[str]:
    """A ledger of (did, marker, id or status)."""
    names = {"acknowledged": "ticket", "unknown": "status", "refused": "status"}
    rows = (
        {"at": 100.0 + number, "did": did, "marker": marker, names.get(did, "key"): value}
        for number, (did, marker, value) in enumerate(told)
    )
    return [json.dumps(row) + "\n" for row in rows]


def account(written: list[str], *there: tuple[int, str], whole: bool = True) -> Account:
    """The account of these lines and of tickets (id, marker)."""
    return ledger.compare(ledger.read(written), [Ticket(*each) for each in there], whole=whole)


FILED = (("intend", "r/1", 0), ("acknowledged", "r/1", 7), ("intend", "r/2", 0), ("acknowledged", "r/2", 8))
LOST = (("intend", "r/3", 0), ("unknown", "r/3", 0))
RETRIED = (*LOST, ("unknown", "r/3", 502), ("acknowledged", "r/3", 9))
BOTH = ((7, "r/1"), (8, "r/2"))


def test_what_was_acknowledged_is_there_once() -> None:
    found = account(lines(*FILED), *BOTH)
    assert found.exact
    assert (found.intended, found.acknowledged, found.tickets) == (2, 2, 2)
    assert found.sentence == "the ledger is exact: all 2 acknowledged tickets are there, each once"


@pytest.mark.parametrize("there", [(), ((9, "r/3"),)])
def test_a_lost_answer_may_be_of_a_ticket_or_of_none(there: tuple[tuple[int, str], ...]) -> None:
    found = account(lines(*FILED, *LOST), *BOTH, *there)
    assert found.exact
    assert (found.open, found.open_there, found.lost_answers) == (1, len(there), 1)


def test_what_was_sent_last_and_never_answered_is_open() -> None:
    found = account(lines(*FILED, LOST[0]), *BOTH)
    assert (found.exact, found.open) == (True, 1)


def test_a_retry_clears_up() -> None:
    found = account(lines(*FILED, *RETRIED), *BOTH, (9, "r/3"))
    assert found.exact
    assert (found.open, found.settled, found.lost_answers) == (0, 1, 2)


def test_a_refused_ticket_is_not_there() -> None:
    refused = lines(*FILED, ("intend", "r/4", 0), ("refused", "r/4", 400))
    assert account(refused, *BOTH).exact
    assert account(refused, *BOTH, (9, "r/4")).refused == ["r/4"]


def test_refused_after_a_lost_answer_is_still_open() -> None:
    found = account(lines(*FILED, *LOST, ("refused", "r/3", 401)), *BOTH, (9, "r/3"))
    assert (found.exact, found.open) == (True, 1)


@pytest.mark.parametrize(
    ("what", "told", "there"),
    [
        ("missing", FILED, BOTH[:1]),
        ("missing", (*FILED, *RETRIED), BOTH),
        ("twice", FILED, (*BOTH, (9, "r/2"))),
        ("twice", (*FILED, *LOST), (*BOTH, (9, "r/3"), (10, "r/3"))),
        ("twice", (*FILED, *RETRIED), (*BOTH, (9, "r/3"), (10, "r/3"))),
        ("others", FILED, ((7, "r/1"), (12, "r/2"))),
        ("others", (*FILED, ("acknowledged", "r/2", 9)), BOTH),
        ("strangers", FILED, (*BOTH, (9, "r/99"))),
    ],
)
def test_what_is_wrong_is_found(
    what: str, told: tuple[tuple[str, str, int], ...], there: tuple[tuple[int, str], ...]
) -> None:
    found = account(lines(*told), *there)
    assert not found.exact
    (marker,) = getattr(found, what)
    assert f"(such as {marker})" in found.sentence
    assert judge(found, None, NOTHING, strained=False).code == ExitCode.FAILED


def test_tickets_filed_after_a_look_are_no_strangers() -> None:
    assert account(lines(*FILED), *BOTH, (9, "r/3"), whole=False).exact


def test_without_an_acknowledgement_nothing_was_measured() -> None:
    verdict = judge(account(lines(*LOST)), None, NOTHING, strained=False)
    assert (verdict.code, verdict.says) == (ExitCode.UNMEASURED, ("no ticket was acknowledged",))


def test_a_cut_off_last_line_is_left_out() -> None:
    written = lines(*FILED)
    assert account([*written, '{"at": 1, "did": "int'], *BOTH).exact


@pytest.mark.parametrize(
    "line", ["nothing\n", '{"at": 1}\n', '{"at": 1, "did": "acknowledged", "marker": "x"}\n']
)
def test_what_is_no_ledger_is_not_judged(line: str) -> None:
    with pytest.raises(LabError, match="line 3 of the ledger") as caught:
        ledger.read([*lines(*FILED[:2]), f"{line}\n"])
    assert caught.value.exit_code == ExitCode.UNMEASURED
