"""The right answers of exercise 8 and typical wrong ways: each acts on the lab and answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lab.exercises.bench import RunningLab
from lab.exercises.ex08_rates import measuring
from lab.exercises.ex08_rates.drawn import Drawn
from lab.exercises.quantity import TIME

# The first tickets as a naive sender posts them: a message each, none sent again.
NAIVE = """url=$(cat /run/secrets/discord_webhook_url)
for n in $(seq "$0"); do
    body="{\\"content\\": \\"🎟 Ticket $n\\"}"
    curl -s -m 20 -o /dev/null -H 'Content-Type: application/json' -d "$body" "$url"
done"""


def right(lab: RunningLab, drawn: Drawn) -> dict[str, object]:
    """The right answers on a lab where all is done."""
    return _told(lab, drawn, measuring.bucket(lab, drawn).passed, measuring.naive(lab, drawn))


def _told(lab: RunningLab, drawn: Drawn, passed: int, naive: int) -> dict[str, object]:
    run = measuring.last_run(lab)
    messages = run.messages if run.tickets == drawn.tickets else measuring.planned(lab, drawn)
    return {
        "passed": str(drawn.pass_at_once),
        "full_again": TIME.show(drawn.refill),
        "messages": str(messages),
        "notify": TIME.show(drawn.sending(messages)),
        "naive_429": str(drawn.refused),
        "passed_seen": str(passed),
        "notify_seen": f"{round(run.seconds)} s",
        "notify_429_seen": "0",
        "naive_429_seen": str(naive),
        "why_none": "waits-when-none-remain",
        "refused": "lost-unless-sent-again",
    }


def _but(lab: RunningLab, drawn: Drawn, **answers: object) -> dict[str, object]:
    """Other answers to some; of the rest what theory says was seen, as the check measures it anyway."""
    return _told(lab, drawn, drawn.pass_at_once, drawn.refused) | answers


def _sent_naively(lab: RunningLab, drawn: Drawn) -> dict[str, object]:
    """Posts the tickets one by one and heeds no 429: most never arrive."""
    lab.set_limits(drawn.limits)
    measuring.empty_channel(lab)
    lab.run("app1", "sh", "-c", NAIVE, str(drawn.posts), patience=60)
    return _but(lab, drawn)


def _no_first(lab: RunningLab, drawn: Drawn) -> dict[str, object]:
    """Forgets the one that passes beside the burst."""
    _once(lab, drawn)
    return _but(lab, drawn, passed=str(drawn.burst))


def _tickets_for_messages(lab: RunningLab, drawn: Drawn) -> dict[str, object]:
    """Counts a message for each ticket."""
    _once(lab, drawn)
    return _but(lab, drawn, messages=str(drawn.tickets), notify=TIME.show(drawn.sending(drawn.tickets)))


def _waits_twice(lab: RunningLab, drawn: Drawn) -> dict[str, object]:
    """Adds the body's retry_after to the header's."""
    _once(lab, drawn)
    return _but(lab, drawn, notify=TIME.show(2 * drawn.sending(measuring.last_run(lab).messages)))


def _once(lab: RunningLab, drawn: Drawn) -> None:
    """Do it, unless it is done: these only answer wrongly."""
    if measuring.last_run(lab).tickets != drawn.tickets or lab.limits() != drawn.limits:
        lab.set_limits(drawn.limits)
        measuring.notify(lab, drawn)


WAYS: Mapping[str, Callable[[RunningLab, Drawn], Mapping[str, object]]] = {
    "sent naively": _sent_naively,
    "no first": _no_first,
    "tickets for messages": _tickets_for_messages,
    "waits twice": _waits_twice,
}
