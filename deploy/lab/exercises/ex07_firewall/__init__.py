"""Exercise 7: the rules for a policy, written, loaded and proved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lab.exercises import baseline
from lab.exercises.bench import RunningLab
from lab.exercises.ex07_firewall import asked, listener, proof, solution
from lab.exercises.ex07_firewall.asked import APPS, BARRED, COUNTER, RULES, Policy
from lab.exercises.model import Answer, Exercise, Judgement, Mistake, Seen, Truth

FILE = f"answers/{RULES}"


def _start(lab: RunningLab, policy: Policy) -> str:
    listener.start(lab, APPS, policy.port)
    closed = f"{policy.monitor} does not reach {policy.app} at TCP {policy.port}"
    return f"{closed}, and {BARRED} still reaches the edge"


def _look(lab: RunningLab, policy: Policy, _: Mapping[str, Answer]) -> Seen:
    if lab.rules() == lab.run("router", "cat", baseline.SHIPPED):
        hint = f"the shipped rules are: write yours into {FILE}, and make firewall FILE={FILE}"
        return Seen([Judgement("your rules are in force", False, hint)], _truths(policy))
    listener.ensure(lab, APPS, policy.port)
    kept = solution.file().is_file()
    hint = "" if kept else f"it is not there: keep your rules in {FILE}, and load them from there"
    return Seen([Judgement(f"{FILE} is there", kept, hint), *proof.judge(lab, policy)], _truths(policy))


def _truths(policy: Policy) -> list[Truth]:
    right = solution.answers(None, policy)
    more = Mistake(2.0, "the reply belongs to a connection that was allowed: chain forward, ct state")
    one_more = Mistake(1.0, more.hint)
    silent = "a drop is silent: the sender waits until it gives up; a reject is an answer"
    return [
        Truth(
            "monitor_before", "drop", otherwise="no rule names that port: what does the chain do in the end?"
        ),
        Truth("barred_before", "accept", otherwise="it is a client like the others: chain clients_to_lab"),
        Truth("reply_rules", 0.0, mistakes=(one_more, more), otherwise=more.hint),
        Truth(
            "counted",
            1.0,
            otherwise="only the first packet asks the rule; the others are part of a known connection",
        ),
        Truth(
            "behind_a_drop",
            "never-reached",
            otherwise="rules are asked in their order, and the first verdict counts",
        ),
        Truth("barred_notices", str(right["barred_notices"]), otherwise=silent),
        Truth(
            "barred_seen",
            str(right["barred_seen"]),
            otherwise="curl ends with 7 if it is refused, with 28 in a time-out",
        ),
        Truth(
            "neighbour_seen",
            "timed-out",
            otherwise="it must not reach that port, and hears nothing: drop as before",
        ),
        Truth("counted_seen", 1.0, otherwise="make firewall-show before and after a single curl"),
        Truth("replies_pass_by", "established", otherwise="look at the chain forward's rule about ct state"),
        Truth("tomorrow", "no-dropped-by-default", otherwise="look at the policy of the chain forward"),
    ]


def _known(policy: Policy) -> list[Truth]:
    """The truths that need no lab."""
    return [truth for truth in _truths(policy) if not truth.question.endswith("_seen")]


def _hints(policy: Policy) -> Sequence[str]:
    return (
        "For each sentence: who sends the first packet, to whom, to which port? That is a rule.",
        "Find the chain where such a packet goes: clients_to_backend, clients_to_lab; for a ping to clients "
        "there is none yet, so that its rule stands in forward, before what drops.",
        f"counter {COUNTER} {{ }} stands among the counters; the rule says: counter name {COUNTER} accept.",
        f"ip saddr … ip daddr … tcp dport {policy.port} counter name {COUNTER} accept, first in "
        f"clients_to_backend; ip saddr … ip daddr $edge tcp dport 80 {policy.verdict}, first in "
        "clients_to_lab; "
        "ip saddr … ip daddr … icmp type echo-request accept, before the log of 'not allowed' in forward.",
    )


def _reset(lab: RunningLab, _: Policy | None) -> None:
    listener.end(lab, APPS)


EXERCISE = Exercise(
    number=asked.NUMBER,
    name="firewall",
    title="A firewall for a policy",
    about="write the router's rules for a stated policy, and prove them",
    minutes=75,
    draw=asked.draw,
    numbers=asked.numbers,
    questions=asked.questions,
    start=_start,
    look=_look,
    hints=_hints,
    do=solution.do,
    answers=solution.answers,
    wrong={
        "behind the drop": solution.behind_the_drop,
        "any source": solution.any_source,
        "stateless": solution.stateless,
        "accepts by default": solution.accepts_by_default,
    },
    reset=_reset,
    written=solution.rules,
    known=_known,
)
