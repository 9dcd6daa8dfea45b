"""Exercise 3: one request in packets, at two hops of its way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lab.engine import container, docker
from lab.exercises.bench import RunningLab
from lab.exercises.ex03_packets import asked, evidence, solution, truths
from lab.exercises.ex03_packets.asked import Asked
from lab.exercises.ex03_packets.evidence import Evidence
from lab.exercises.model import Answer, Exercise, Judgement, Seen
from lab.link import control
from link.condition import Condition, Link

ZONE = "clients"
RATE = 20e6  # bit/s


def _start(lab: RunningLab, _: Asked) -> str:
    # A link with a rate splits what the client's kernel hands over in pieces of up to 64 kB, as a network
    # card does. How fast it is matters to nothing here, so it is not measured, which takes half a minute.
    condition = Condition(rate=RATE)
    control.change(lab.settings.project, ZONE, Link(condition, condition), None)
    return "there are no captures of your request in answers/ yet"


def _look(lab: RunningLab, drawn: Asked, _: Mapping[str, Answer]) -> Seen:
    container(lab.settings.project, "edge")  # a lab that is down has no logs to compare with
    found = evidence.gather(lab.plan, drawn)
    if found.evidence is None:
        return Seen(found.judgements, truths.truths(drawn, None))
    logged = [_logged(lab, host, found.evidence, drawn) for host in evidence.hops(found.evidence, lab.plan)]
    return Seen([*found.judgements, *logged], truths.truths(drawn, found.evidence))


def _logged(lab: RunningLab, host: str, found: Evidence, drawn: Asked) -> Judgement:
    """Whether a host's log has the request: the captures are of this lab, and not of another."""
    since = str(int(found.left.out[0].at) - 1)
    lines = docker("logs", "--since", since, container(lab.settings.project, host)).splitlines()
    there = any(f'"request_id": "{drawn.request_id}"' in line for line in lines)
    hint = (
        f"make logs HOST={host} has no such request since the capture: capture it on this lab, as it is now"
    )
    return Judgement(f"{host} has logged it", there, "" if there else hint)


def _hints(drawn: Asked) -> Sequence[str]:
    return (
        "Draw client, router, edge and app in a row. Which of them opens a TCP connection, and to whom?",
        "Start both captures first, and send the request once, while they run. The SYN tells the MSS.",
        f"Segments: about {asked.HEADERS} bytes of headers and {drawn.body} of body, "
        f"at {asked.MSS} - {asked.TIMESTAMPS} bytes a segment, rounded up.",
        f"curl -H 'X-Request-ID: {drawn.request_id}' --local-port {drawn.ports[0]}-{drawn.ports[-1]}, with "
        "PAYLOAD=1 at both captures and port 8000 in the edge's filter; tcpdump -n -v -S reads them.",
    )


EXERCISE = Exercise(
    number=asked.NUMBER,
    name="packets",
    title="One request in packets",
    about="handshake, segments and addresses of a request, hop by hop",
    minutes=60,
    draw=asked.draw,
    numbers=lambda drawn: {
        "ID": drawn.request_id, "BYTES": str(drawn.body), "PORTS": f"{drawn.ports[0]}-{drawn.ports[-1]}",
    },
    questions=asked.questions,
    start=_start,
    look=_look,
    hints=_hints,
    do=solution.do,
    answers=solution.answers,
    wrong={
        "client at the app": solution.client_at_the_app,
        "sequence acknowledged": solution.sequence_acknowledged,
        "swapped": solution.swapped,
        "late": solution.late,
        "another id": solution.another_id,
    },
    known=truths.known,
)  # fmt: skip
