"""The questions of exercise 2, and what is true."""

from __future__ import annotations

from collections.abc import Sequence

from lab.errors import ExitCode, LabError
from lab.exercises.ex02_ports.facts import APP_PORT, Facts
from lab.exercises.ex02_ports.plot import BINDS, HOSTS, Plot
from lab.exercises.model import Mistake, Part, Question, Truth
from lab.exercises.quantity import COUNT

FATES = ("200", "400", "404", "closed")
STATES = ("open", "closed", "filtered")
# What keeps the client from the stray program, by where it listens and what nmap says of its port.
HIDDEN = {
    ("all", "open"): "nothing",
    ("loopback", "closed"): "bind-address",
    ("all", "filtered"): "firewall",
    ("loopback", "filtered"): "both",
}
NGINX_FIRST = "a request meets Nginx first, and Django only if Nginx passes it on"
ASK_SS = "ask the host itself: ss -ltnp, in the line of your port"
WHAT_NMAP_SAYS = (
    "open: a program answered; closed: a refusal (RST) came back; filtered: nothing came back at all"
)


def questions(plot: Plot) -> Sequence[Question]:
    """What is asked of a student."""
    name, port = plot.name, plot.port
    return (
        Question("edge_unknown", Part.PREDICT, f"What does client get from the edge by the name {name}, "
                 "which nobody knows yet? (closed: no answer at all)", choices=FATES),
        Question("app_unknown", Part.PREDICT, "And who asks app1 straight, by this name?", choices=FATES),
        Question("only_nginx", Part.PREDICT, "What would client get if Nginx knew it and Django did not?",
                 choices=FATES),
        Question("only_django", Part.PREDICT, "And if Django knew it and Nginx did not?", choices=FATES),
        Question("edge_exit", Part.MEASURE, "curl's exit code on client, while Nginx lacks the name.", COUNT),
        Question("app_status", Part.MEASURE, "The status code of app1's answer to such a name.", COUNT),
        Question("edge_open", Part.MEASURE, "The ports of the edge that are open to client.", listed=True),
        Question("app_listens", Part.MEASURE, "Ports that app1 listens at, but for loopback.", listed=True),
        Question("app_seen", Part.MEASURE, f"Port {APP_PORT} of app1, to nmap on client.", choices=STATES),
        Question("stray_host", Part.MEASURE, f"The host with a listener at port {port}.", choices=HOSTS),
        Question("stray_program", Part.MEASURE, "The name of that program."),
        Question("stray_bind", Part.MEASURE, "The addresses it listens at.", choices=tuple(BINDS)),
        Question("stray_seen", Part.MEASURE, "That port of that host, to nmap on client.", choices=STATES),
        Question("hidden_by", Part.EXPLAIN, "What keeps client from it?", choices=tuple(HIDDEN.values())),
        Question("refuser", Part.EXPLAIN, f"Port {APP_PORT} of the edge is refused with TTL 64, port 443 "
                 f"with 63. Who refuses port {APP_PORT}?", choices=("edge", "router", "app1")),
        Question("refuses_name", Part.EXPLAIN, "Who answers with 400 to a name that it does not know?",
                 choices=("nginx", "django", "router")),
    )  # fmt: skip


def truths(facts: Facts) -> list[Truth]:
    """The right answers, as the lab gave them; raises LabError (exit code 3) on a lab that is none."""
    return [*_predicted(facts), *_seen(facts), *_stray(facts), *_explained(facts)]


def _predicted(facts: Facts) -> list[Truth]:
    edge, app = facts.edge_unknown.words, facts.app_unknown.words
    polite = Mistake("404", "404 is about a path that is not there; here it is the name")
    return [
        Truth("edge_unknown", edge, mistakes=(
            Mistake(app, "that is what Django would say; Nginx stands before it: return 444"), polite,
        ), otherwise="a name that is none of the service's gets nothing: nginx.conf, the default server"),
        Truth("app_unknown", app, mistakes=(
            Mistake(edge, "that is Nginx's way; straight at the app no Nginx stands between"), polite,
        ), otherwise="Django checks Host against ALLOWED_HOSTS, and answers what is wrong"),
        Truth("only_nginx", app, mistakes=(polite,), otherwise=f"{NGINX_FIRST}; then Django looks"),
        Truth("only_django", edge, mistakes=(polite,), otherwise=NGINX_FIRST),
    ]  # fmt: skip


def _seen(facts: Facts) -> list[Truth]:
    edge_open = tuple(str(port) for port, state in facts.edge.items() if state == "open")
    app_ports = tuple(map(str, facts.app_listens))
    swapped = [Mistake(port, "that is the edge's port: app1 stands behind it; ask app1 itself: ss -ltn")
               for port in edge_open]  # fmt: skip
    behind = [Mistake(port, "that is the app's port; client sees the edge alone: nmap, from client")
              for port in app_ports]  # fmt: skip
    return [
        Truth("edge_exit", float(facts.edge_unknown.ended), otherwise="echo $? right after curl, on client, "
              "by a name that the edge does not know"),
        Truth("app_status", float(facts.app_unknown.status), otherwise="ask app1 from the edge, by a name "
              "that it does not know: -w '%{http_code}'"),
        Truth("edge_open", edge_open, mistakes=tuple(behind), otherwise="those that nmap on client "
              "calls open"),
        Truth("app_listens", app_ports, mistakes=tuple(swapped), otherwise="in ss -ltn on app1, leave "
              "out what begins with 127."),
        Truth("app_seen", facts.app_seen, mistakes=(
            Mistake("open", "from the edge it is; ask from client"),
        ), otherwise=WHAT_NMAP_SAYS),
    ]  # fmt: skip


def _stray(facts: Facts) -> list[Truth]:
    stray = facts.stray
    other = "loopback" if stray.bind == "all" else "all"
    listens = {"loopback": "127.0.0.1 is the host's own loopback: nobody else gets there",
               "all": "0.0.0.0 is every address of the host"}  # fmt: skip
    forgot = "an address of 127. is reached by the host itself alone, whatever the firewall says"
    seen = (Mistake("open", forgot),) if stray.bind == "loopback" else ()
    return [
        Truth("stray_program", stray.program, otherwise=ASK_SS),
        Truth("stray_bind", stray.bind, mistakes=(Mistake(other, listens[stray.bind]),), otherwise=ASK_SS),
        Truth("stray_seen", facts.stray_seen, mistakes=seen, otherwise=WHAT_NMAP_SAYS),
    ]


def _explained(facts: Facts) -> list[Truth]:
    state = (facts.stray.bind, facts.stray_seen)
    if state not in HIDDEN:
        said = f"a port bound to {state[0]} is {state[1]} from client: the rules in force are not the lab's"
        raise LabError(f"{said}; make firewall loads them", ExitCode.UNMEASURED)
    return [
        Truth("hidden_by", HIDDEN[state], otherwise="look at both: does it listen at more than "
              "loopback, and does a refusal reach client (closed), or nothing at all (filtered)?"),
        Truth("refuser", "router", otherwise="a packet leaves with TTL 64, and every router takes one "
              "off: who is so near that none was taken off?"),
        Truth("refuses_name", "django", otherwise="which of them did you ask when 400 came back?"),
    ]  # fmt: skip
