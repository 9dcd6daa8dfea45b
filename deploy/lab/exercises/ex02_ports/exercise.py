"""Exercise 2 as a whole: how it begins, what is looked at, and the ways to do it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lab import settings
from lab.exercises.bench import RunningLab
from lab.exercises.ex02_ports import asked, facts, names, stray
from lab.exercises.ex02_ports.facts import Answered
from lab.exercises.ex02_ports.plot import HOSTS, Plot, draw
from lab.exercises.model import Answer, Exercise, Judgement, Seen, Truth

SERVED = "200"


def _start(lab: RunningLab, plot: Plot) -> str:
    _reset(lab, plot)
    stray.put(lab, plot)
    return (
        f"neither Nginx nor Django knows the name {plot.name}, and you have found nothing at port {plot.port}"
    )


def _look(lab: RunningLab, plot: Plot, _: Mapping[str, Answer]) -> Seen:
    found = facts.gather(lab, plot)
    edge = facts.through_edge(lab, plot.name)
    apps = {app: facts.straight(lab, plot.name, app) for app in names.replicas(lab)}
    in_file = plot.name in settings.load()[names.SETTING].split(",")
    return Seen(judge_name(plot.name, edge, apps, in_file=in_file), _truths(plot, found))


def judge_name(name: str, edge: Answered, apps: Mapping[str, Answered], *, in_file: bool) -> list[Judgement]:
    """Which layer knows the name, from what each answered. Pure."""
    ignorant = [app for app, answer in apps.items() if answer.words != SERVED]
    django = Judgement(f"Django knows the name {name}", not ignorant)
    nginx = Judgement(f"Nginx knows the name {name}", edge.words != "closed")
    if ignorant and edge.words == "closed":
        hint = (
            ".env names it, and the hosts still run as before: make up (make restart does not read .env)"
            if in_file
            else "nobody knows it: add it to ALLOWED_HOSTS in .env, with a comma, and say make up"
        )
        return [Judgement(nginx.what, False, hint), Judgement(django.what, False, hint)]
    if ignorant:
        refused = f"{ignorant[0]} answers {apps[ignorant[0]].words}: Nginx passes the name on, Django's "
        hint = refused + "ALLOWED_HOSTS lacks it; make up renews both"
        return [nginx, Judgement(django.what, False, hint)]
    if edge.words == "closed":
        hint = "the edge closes the connection: Nginx's server_name lacks it; make up renews both"
        return [Judgement(nginx.what, False, hint), django]
    served = Judgement(f"client is served by the name {name}", edge.words == SERVED)
    hint = "" if served.passed else f"the edge answers {edge.words}; see make logs HOST=edge"
    return [nginx, django, Judgement(served.what, served.passed, hint)]


def _truths(plot: Plot, found: facts.Facts) -> list[Truth]:
    where = Truth("stray_host", plot.host, otherwise=f"look for port {plot.port} in ss -ltn of each host")
    return [where, *asked.truths(found)]


def _known(plot: Plot) -> list[Truth]:
    drawn = {"stray_host": plot.host, "stray_program": plot.program, "stray_bind": plot.bind}
    return [Truth(question, value) for question, value in drawn.items()]


def _hints(plot: Plot) -> Sequence[str]:
    return (
        f"On each of {', '.join(HOSTS)}: ss -ltnp. It shows every listener, reached or not.",
        "nmap: open is an answer, closed is a refusal, filtered is silence. Who is silent in this lab?",
        "The name is in one line of .env, from which make up gives it to Nginx and to Django. No answer "
        "(curl ends with 52) is Nginx's 444, a 400 is Django's.",
        f"The stray program is on {plot.host}. The line in .env ends with ,{plot.name}",
    )


def _do(lab: RunningLab, plot: Plot) -> None:
    names.know(lab, plot.name, (names.EDGE, *names.APPS))


def _answers(lab: RunningLab, plot: Plot) -> dict[str, object]:
    right = {truth.question: truth.value for truth in _truths(plot, facts.gather(lab, plot))}
    return {name: f"{value:.0f}" if isinstance(value, float) else value for name, value in right.items()}


def _only_nginx(lab: RunningLab, plot: Plot) -> dict[str, object]:
    """Starts the edge anew and leaves the app servers as they were."""
    names.know(lab, plot.name, (names.EDGE,))
    return _answers(lab, plot)


def _only_django(lab: RunningLab, plot: Plot) -> dict[str, object]:
    """Starts the app servers anew and leaves the edge as it was."""
    names.know(lab, plot.name, names.APPS)
    return _answers(lab, plot)


def _edge_for_app(lab: RunningLab, plot: Plot) -> dict[str, object]:
    """Takes the port that the client sees for the app's."""
    _do(lab, plot)
    return _answers(lab, plot) | {"app_listens": ["80"]}


def _bind_unread(lab: RunningLab, plot: Plot) -> dict[str, object]:
    """Sees that something listens and not at which addresses."""
    _do(lab, plot)
    other = "loopback" if plot.bind == "all" else "all"
    return _answers(lab, plot) | {"stray_bind": other, "stray_seen": "open" if other == "all" else "closed"}


def _reset(lab: RunningLab, _plot: Plot | None) -> None:
    stray.take_away(lab)
    names.forget_drawn(lab)


EXERCISE = Exercise(
    number=2,
    name="ports",
    title="Ports and names",
    about="who listens where and who may reach it; a name that Nginx and Django must know",
    minutes=45,
    draw=draw,
    numbers=Plot.numbers,
    questions=asked.questions,
    start=_start,
    look=_look,
    hints=_hints,
    do=_do,
    answers=_answers,
    wrong={
        "only Nginx": _only_nginx,
        "only Django": _only_django,
        "edge's port for the app's": _edge_for_app,
        "bind address unread": _bind_unread,
    },
    reset=_reset,
    known=_known,
)
