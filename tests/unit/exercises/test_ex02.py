"""What exercise 2 holds for right: who knows a name, how a port is seen, and what keeps a client from it."""

from __future__ import annotations

import dataclasses

import pytest

from lab.errors import ExitCode, LabError
from lab.exercises.ex02_ports import asked
from lab.exercises.ex02_ports.exercise import judge_name
from lab.exercises.ex02_ports.facts import Answered, Facts, states
from lab.exercises.ex02_ports.plot import draw
from lab.exercises.ex02_ports.stray import Listening, sockets
from lab.exercises.judging import judge
from lab.exercises.model import Answer, Seen, Truth
from lab.exercises.student import Draw

CLOSED, REFUSED, SERVED = Answered(0, 52), Answered(400, 0), Answered(200, 0)
FACTS = Facts(
    stray=Listening("127.0.0.1", 3942, "syncd"),
    stray_seen="closed",
    edge={22: "closed", 80: "open", 443: "closed", 8000: "closed"},
    app_seen="filtered",
    app_listens=(8000,),
    edge_unknown=CLOSED,
    app_unknown=REFUSED,
)
PLOT = draw(Draw("s1", 2))
RIGHT: dict[str, str | list[str]] = {
    "edge_unknown": "closed", "app_unknown": "400", "only_nginx": "400", "only_django": "closed",
    "edge_exit": "52", "app_status": "400", "edge_open": ["80"], "app_listens": ["8000"],
    "app_seen": "filtered", "stray_host": PLOT.host, "stray_program": "syncd", "stray_bind": "loopback",
    "stray_seen": "closed", "hidden_by": "bind-address", "refuser": "router", "refuses_name": "django",
}  # fmt: skip


def _hints(given: dict[str, str | list[str]], facts: Facts = FACTS) -> list[str]:
    answers = {name: _answer(name, text) for name, text in (RIGHT | given).items()}
    truths = [Truth("stray_host", PLOT.host), *asked.truths(facts)]
    return [one.hint for one in judge(asked.questions(PLOT), answers, Seen(truths=truths)) if not one.passed]


def _answer(name: str, given: str | list[str]) -> Answer:
    if isinstance(given, list):
        return Answer(", ".join(given), words=tuple(sorted(given)))
    return Answer(given, float(given) if name in ("edge_exit", "app_status") else 0.0, (given.casefold(),))


def test_what_the_lab_shows_is_right() -> None:
    assert _hints({}) == []


@pytest.mark.parametrize(
    ("question", "answer", "said"),
    [
        ("edge_unknown", "400", "that is what Django would say"),
        ("edge_unknown", "404", "404 is about a path"),
        ("app_unknown", "closed", "that is Nginx's way"),
        ("only_nginx", "closed", "then Django looks"),
        ("only_django", "400", "a request meets Nginx first"),
        ("app_listens", ["80"], "that is the edge's port"),
        ("edge_open", ["80", "8000"], "that is the app's port"),
        ("edge_open", ["22", "80"], "those that nmap on client calls open"),
        ("app_seen", "open", "from the edge it is"),
        ("stray_bind", "all", "the host's own loopback"),
        ("stray_seen", "open", "reached by the host itself alone"),
        ("stray_program", "python3", "ask the host itself"),
        ("hidden_by", "firewall", "at more than loopback"),
        ("refuser", "edge", "who is so near"),
        ("refuses_name", "nginx", "when 400 came back"),
    ],
)
def test_a_mistake_gets_the_hint_that_fits(question: str, answer: str | list[str], said: str) -> None:
    (hint,) = _hints({question: answer})
    assert said in hint


@pytest.mark.parametrize(
    ("address", "seen", "bind", "hidden"),
    [
        ("0.0.0.0", "open", "all", "nothing"),  # noqa: S104 - what ss shows
        ("127.0.0.1", "closed", "loopback", "bind-address"),
        ("0.0.0.0", "filtered", "all", "firewall"),  # noqa: S104
        ("127.0.0.1", "filtered", "loopback", "both"),
    ],
)
def test_what_keeps_a_client_away_follows_from_both(address: str, seen: str, bind: str, hidden: str) -> None:
    facts = dataclasses.replace(FACTS, stray=Listening(address, 3942, "syncd"), stray_seen=seen)
    assert _hints({"stray_bind": bind, "stray_seen": seen, "hidden_by": hidden}, facts) == []


def test_a_lab_with_other_rules_is_unmeasured() -> None:
    with pytest.raises(LabError, match="make firewall") as refused:
        asked.truths(dataclasses.replace(FACTS, stray_seen="open"))
    assert refused.value.exit_code == ExitCode.UNMEASURED


@pytest.mark.parametrize(
    ("edge", "apps", "in_file", "said"),
    [
        (CLOSED, (REFUSED, REFUSED), False, "nobody knows it: add it to ALLOWED_HOSTS"),
        (CLOSED, (REFUSED, REFUSED), True, "make restart does not read .env"),
        (REFUSED, (REFUSED, REFUSED), True, "app1 answers 400: Nginx passes the name on"),
        (SERVED, (SERVED, REFUSED), True, "app2 answers 400"),
        (CLOSED, (SERVED, SERVED), True, "Nginx's server_name lacks it"),
        (Answered(502, 0), (SERVED, SERVED), True, "the edge answers 502"),
        (SERVED, (SERVED, SERVED), True, ""),
    ],
)
def test_the_layer_that_does_not_know_the_name_is_told(
    edge: Answered, apps: tuple[Answered, Answered], in_file: bool, said: str
) -> None:
    judged = judge_name("x.lab", edge, dict(zip(("app1", "app2"), apps, strict=True)), in_file=in_file)
    hints = [one.hint for one in judged if not one.passed]
    assert bool(hints) == bool(said)
    assert all(said in hint for hint in hints)


def test_sockets_are_read_as_ss_prints_them() -> None:
    printed = (
        'LISTEN 0 128 127.0.0.1:3942 0.0.0.0:* users:(("syncd",pid=7,fd=3))\n'
        "LISTEN 0 4096 127.0.0.11:37861 0.0.0.0:*\n"
        'LISTEN 0 100 *:5557 *:* users:(("locust",pid=7,fd=11),("locust",pid=8,fd=11))\n'
        "LISTEN 0 5 [::1]:631 [::]:*\n"
    )
    assert [(one.port, one.program, one.bind) for one in sockets(printed)] == [
        (3942, "syncd", "loopback"), (37861, "", "loopback"), (5557, "locust", "all"), (631, "", "loopback"),
    ]  # fmt: skip


def test_states_are_read_as_nmap_prints_them() -> None:
    printed = (
        "# Nmap 7.95 scan initiated\nHost: 10.10.10.1 ()\tStatus: Up\n"
        "Host: 10.10.10.1 ()\tPorts: 22/closed/tcp//ssh///, 80/open/tcp//http///\n"
        "Host: 10.10.30.11 ()\tPorts: 8000/filtered/tcp//http-alt///\n"
    )
    assert states(printed) == {"10.10.10.1": {22: "closed", 80: "open"}, "10.10.30.11": {8000: "filtered"}}


def test_hardly_anybody_has_a_neighbours_listener_and_nobody_the_name() -> None:
    plots = [draw(Draw(f"s{number}", 2)) for number in range(30)]
    assert len({plot.name for plot in plots}) == 30
    assert len({plot.port for plot in plots}) >= 28
    assert len({(plot.host, plot.program, plot.bind) for plot in plots}) >= 20
