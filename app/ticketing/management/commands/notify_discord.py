"""Post tickets to the Discord webhook."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import OperationalError

from ticketing.discord.address import WebhookURL, WebhookURLError
from ticketing.discord.batching import Batch, batches
from ticketing.discord.clock import Clock, SystemClock, stopped_by_signals
from ticketing.discord.follower import Follower
from ticketing.discord.formats import FORMATS, Format
from ticketing.discord.lock import AlreadyRunning, LockError, only_one
from ticketing.discord.outbox import Outbox
from ticketing.discord.progress import Journal, Progress
from ticketing.discord.ratelimit import Pacer
from ticketing.discord.records import ClaimedElsewhere, Records, Scope
from ticketing.discord.sender import GivenUp, Sender
from ticketing.discord.webhook import Webhook
from ticketing.discord.wording import count, describe, duration, problem, standing
from ticketing.management.base import DatabaseCommand

WRONG_USAGE = 2
INTERRUPTED = 130
PATIENCE = 10.0  # seconds to wait for a message of another run, such as that of --follow
RESUME = "Run notify_discord again to send the rest."
new_clock = SystemClock
open_webhook = Webhook


class Command(DatabaseCommand):
    """Posts all tickets that the webhook did not get yet, oldest id first; or new ones as they come.

    Either way a ticket is sent at most once. One whose answer was lost is `unknown`, and is kept for a
    person to decide (--resend-unknown). With --follow it never ends by itself: it sends what is filed through
    the API, from the moment on when this webhook was first followed, over restarts too. What was there
    before, and what was loaded from a file, stays for a run without --follow; both may run at the same time.

    Exit codes: 0 all sent (or --follow ended as asked), 1 some failed, unknown or left, 2 wrong usage or
    setting, 130 interrupted.
    """

    help = (
        "Post all tickets that the webhook in DISCORD_WEBHOOK_URL (or the file that DISCORD_WEBHOOK_URL_FILE "
        "names) did not get yet, each at most once. A second run goes on where the first one stopped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments. The URL is none: a secret in a command line is seen by every process."""
        parser.add_argument(
            "--format", choices=FORMATS, default="guide", help="the guide's (default), or many in a message"
        )
        which = parser.add_mutually_exclusive_group()
        which.add_argument(
            "--follow", action="store_true", help="send new tickets as they are filed, until it is stopped"
        )
        which.add_argument("--status", action="store_true", help="say how many tickets stand where, no more")
        which.add_argument(
            "--dry-run", action="store_true", help="say what would be sent; send and change nothing"
        )
        parser.add_argument("--limit", type=_positive, metavar="N", help="send at most N tickets")
        parser.add_argument(
            "--again", action="store_true", help="forget what this webhook got and send all tickets again"
        )
        parser.add_argument(
            "--resend-unknown",
            action="store_true",
            help="send those again whose answer was lost; they may then be in the channel twice",
        )

    def handle(self, **options: Any) -> None:  # noqa: ANN401 - whatever the arguments are
        """Check the setting, then tell, plan, follow or send."""
        clock = new_clock()
        url, scope = _webhook_url(), Scope(options["again"], options["resend_unknown"])
        run = _Run(url, clock, Records(url.id, clock), FORMATS[options["format"]])
        if (options["follow"] or options["status"]) and (options["limit"] or scope != Scope()):
            raise CommandError(
                "--follow and --status go without --limit, --again and --resend-unknown; leave those out.",
                returncode=WRONG_USAGE,
            )
        if options["status"]:
            self._tell(run)
        elif options["dry_run"]:
            self._plan(run, _batches(run, scope, options["limit"]))
        else:
            try:
                self._follow(run) if options["follow"] else self._send_all(run, scope, options["limit"])
            except LockError as error:
                raise CommandError(f"The lock file cannot be used ({error}); make it writable.") from None
            except KeyboardInterrupt:
                self.stderr.write("Stopped at once; a message under way will be listed as unknown.")
                raise SystemExit(INTERRUPTED) from None

    def _tell(self, run: _Run) -> None:
        outbox, followed = Outbox.known(run.url.id, run.clock), ""
        if outbox:
            followed = f"; {len(outbox):,} filed since {outbox.since:%Y-%m-%d %H:%M}, for --follow to send"
        self.stdout.write(standing(run.records.counts(), run.records.untried(), run.url, followed))

    def _plan(self, run: _Run, planned: list[Batch]) -> None:
        estimate = duration(Pacer().forecast(len(planned), 0.0))
        self.stdout.write(
            f"Would send {count(_tickets(planned), 'ticket')} in {count(len(planned), 'message')} "
            f"to {run.url}, in about {estimate}. Nothing was sent."
        )
        if planned:
            self.stdout.write("\n".join(("The first message:\n", planned[0].content, *planned[0].embeds)))

    def _follow(self, run: _Run) -> None:
        outbox = Outbox.switched_on(run.url.id, run.clock)
        journal, pacer = Journal(self._put, run.clock), Pacer(run.records.recent_sends())
        journal.say(f"Sending what is filed since {outbox.since:%Y-%m-%d %H:%M} (UTC) to {run.url}.")
        with open_webhook(run.url) as webhook, stopped_by_signals(run.clock):
            sender = Sender(webhook, run.records, pacer, run.clock, journal)
            lock = partial(only_one, run.url.id, run.clock)
            Follower(
                outbox, run.records, sender, pacer, run.clock, form=run.form, lock=lock, say=journal.say
            ).run()
        journal.say("Stopped as asked; what is filed meanwhile is sent after the next start.")

    def _send_all(self, run: _Run, scope: Scope, limit: int | None) -> None:
        try:
            with only_one(run.url.id, run.clock, PATIENCE):
                pacer = Pacer(run.records.recent_sends())  # before `prepare`, which may forget
                run.records.prepare(scope)
                self._send(run, _batches(run, scope, limit), pacer)
        except (AlreadyRunning, ClaimedElsewhere):
            raise CommandError(
                f"Another notify_discord is sending to {run.url}; wait until it is done."
            ) from None
        except OperationalError as error:
            raise CommandError(f"The database gave up ({error}). {RESUME}") from None

    def _send(self, run: _Run, planned: list[Batch], pacer: Pacer) -> None:
        tickets, reason = _tickets(planned), ""
        progress = Progress(self._put, run.clock, len(planned), tickets, terminal=self.stdout.isatty())
        with open_webhook(run.url) as webhook, stopped_by_signals(run.clock):
            sender = Sender(webhook, run.records, pacer, run.clock, progress)
            try:
                sender.run(planned)
            except GivenUp as given_up:
                reason = str(given_up)
            finally:
                progress.close()
        done = sender.summary
        self.stdout.write(
            describe(done, run.url) if planned else f"No ticket is waiting to be sent to {run.url}."
        )
        if reason:
            raise CommandError(f"Stopped: {reason}. {RESUME}")
        if left := tickets - done.tickets - done.failed - done.unknown:
            self.stderr.write(f"Stopped as asked, with {count(left, 'ticket')} left. {RESUME}")
            raise SystemExit(INTERRUPTED)
        if left_over := problem(run.records.counts()):
            raise CommandError(left_over)

    def _put(self, text: str) -> None:
        self.stdout.write(text, ending="")
        self.stdout.flush()


@dataclass(frozen=True)
class _Run:
    """What every way to run this command needs."""

    url: WebhookURL
    clock: Clock
    records: Records
    form: Format


def _webhook_url() -> WebhookURL:
    text = settings.DISCORD_WEBHOOK_URL
    setting = "DISCORD_WEBHOOK_URL (or the file that DISCORD_WEBHOOK_URL_FILE names)"
    if not text:
        mend = "in Discord it is under Edit Channel, Integrations, Webhooks"
        raise CommandError(
            f"{setting} is not set: put the webhook's URL there; {mend}.", returncode=WRONG_USAGE
        )
    try:
        return WebhookURL.parse(text)
    except WebhookURLError as error:
        raise CommandError(f"{setting} is not a webhook's URL: {error}.", returncode=WRONG_USAGE) from None


def _batches(run: _Run, scope: Scope, limit: int | None) -> list[Batch]:
    first = 1 if scope.again else run.records.messages() + 1
    return list(batches(run.records.pending(scope, limit), run.form, first))


def _tickets(planned: list[Batch]) -> int:
    return sum(len(batch.ticket_ids) for batch in planned)


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)
