"""Exercise 8: how many of a burst pass a token bucket, and how fast tickets go to a webhook with a limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lab.errors import ExitCode, LabError
from lab.exercises.bench import RunningLab
from lab.exercises.ex08_rates import measuring, truths, wrong
from lab.exercises.ex08_rates.drawn import CHANNEL, Drawn, draw
from lab.exercises.model import Answer, Exercise, Judgement, Part, Question, Seen
from lab.exercises.quantity import COUNT, TIME


def _questions(drawn: Drawn) -> Sequence[Question]:
    bucket = f"{drawn.rate} a second, burst {drawn.burst}"
    window = f"{drawn.messages} messages in {drawn.seconds} s"
    return (
        Question("passed", Part.PREDICT, f"{bucket}: how many of {drawn.requests} at once pass?", COUNT),
        Question("full_again", Part.PREDICT, "How long until as many may pass at once again?", TIME),
        Question("messages", Part.PREDICT, f"In how many messages do {drawn.tickets} tickets go?", COUNT),
        Question("notify", Part.PREDICT, f"From the first of them to the last, with {window}?", TIME),
        Question("naive_429", Part.PREDICT, f"A naive sender's 429s, of {drawn.posts} posts at once?", COUNT),
        Question("passed_seen", Part.MEASURE, f"How many of the {drawn.requests} log-ins passed.", COUNT),
        Question("notify_seen", Part.MEASURE, "How long make notify said that it took.", TIME),
        Question("notify_429_seen", Part.MEASURE, "How many rate-limit answers (429) it told of.", COUNT),
        Question("naive_429_seen", Part.MEASURE, "How many of the naive sender's posts got 429.", COUNT),
        Question("why_none", Part.EXPLAIN, "Why does make notify get no 429?", choices=(
            "waits-when-none-remain", "sends-one-a-second", "is-not-limited", "tries-again-at-once")),
        Question("refused", Part.EXPLAIN, "What becomes of a message that got 429?", choices=(
            "sent-by-discord-later", "lost-unless-sent-again", "sent-twice")),
    )  # fmt: skip


def _start(lab: RunningLab, _: Drawn) -> str:
    if lab.settings["DISCORD_WEBHOOK_URL"]:
        raise LabError(
            "DISCORD_WEBHOOK_URL in .env names a channel of your own, which this exercise would flood; "
            "empty it, make up, then make start EX=8",
            ExitCode.USAGE,
        )
    lab.own_limits()
    measuring.empty_channel(lab)
    return "the limits are the lab's own, not yours, and the Discord stand-in's channel is empty"


def _look(lab: RunningLab, drawn: Drawn, _: Mapping[str, Answer]) -> Seen:
    limited, sent = _limits_are_set(lab, drawn), measuring.last_run(lab)
    messages = sent.messages if sent.tickets == drawn.tickets else measuring.planned(lab, drawn)
    done = [limited, _all_were_sent(drawn, sent)]
    if not all(judgement.passed for judgement in done):
        return Seen(done, truths.all_of(drawn, messages, None))
    seen = measuring.Seen(measuring.bucket(lab, drawn), sent, measuring.naive(lab, drawn))
    return Seen(done, truths.all_of(drawn, messages, seen), truths.compared(drawn, seen))


def _limits_are_set(lab: RunningLab, drawn: Drawn) -> Judgement:
    now, what = lab.limits(), "the limits in force are yours"
    if now == drawn.limits:
        return Judgement(what, True)
    edge, webhook = f"RATE={drawn.rate} BURST={drawn.burst}", f"WEBHOOK={drawn.webhook} CHANNEL={CHANNEL}"
    one_less = now.burst == drawn.burst - 1
    hint = (
        "BURST is what may come beyond the first: do not count that one in it"
        if one_less
        else "see make limits"
    )
    return Judgement(what, False, f"{hint}; make limits {edge} {webhook}")


def _all_were_sent(drawn: Drawn, sent: measuring.Run) -> Judgement:
    what, mend = (
        f"the channel got {drawn.tickets} tickets in one run",
        f"make notify LIMIT={drawn.tickets} AGAIN=1",
    )
    if sent.tickets == drawn.tickets:
        return Judgement(what, True)
    hint = f"the last run brought {sent.tickets}; {mend}"
    if not sent.tickets:
        hint = f"it got none yet; {mend}"
    elif sent.messages == drawn.messages:
        hint = f"it got one window's {drawn.messages} messages: who ignores 429 loses the rest; {mend}"
    return Judgement(what, False, hint)


def _hints(drawn: Drawn) -> Sequence[str]:
    return (
        "A bucket: what is in it may go at once, then one for each that drips in. A window: so many, a wait.",
        f"Nginx lets 1 request pass and {drawn.burst} more in excess; that shrinks by {drawn.rate} a second.",
        "Count messages, not tickets (DRY_RUN=1 does it for you). Each window but the last is waited out.",
        f"The waits are ⌈messages / {drawn.messages}⌉ - 1 times {drawn.seconds} s. Of posts at once, "
        f"{drawn.messages} pass and all others get 429.",
    )


def _do(lab: RunningLab, drawn: Drawn) -> None:
    lab.set_limits(drawn.limits)
    measuring.notify(lab, drawn)


def _reset(lab: RunningLab, drawn: Drawn | None) -> None:
    """The limits are baseline's. An empty channel has got nothing: the next make notify sends all."""
    if drawn is not None and not lab.settings["DISCORD_WEBHOOK_URL"]:
        measuring.empty_channel(lab)


EXERCISE = Exercise(
    number=8,
    name="rates",
    title="Rate limits and batching",
    about="token bucket at the edge, window at the webhook, naive and adaptive sender",
    minutes=45,
    draw=draw,
    numbers=lambda drawn: {
        "RATE": str(drawn.rate),
        "BURST": str(drawn.burst),
        "REQUESTS": str(drawn.requests),
        "WEBHOOK": drawn.webhook,
        "TICKETS": str(drawn.tickets),
        "POSTS": str(drawn.posts),
    },
    questions=_questions,
    start=_start,
    look=_look,
    hints=_hints,
    do=_do,
    answers=wrong.right,
    wrong=wrong.WAYS,
    reset=_reset,
    known=truths.known,
)
