"""Post tickets to the Discord webhook."""

from __future__ import annotations

import argparse

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import OperationalError

from ticketing.discord.address import WebhookURL, WebhookURLError
from ticketing.discord.batching import Batch, batches
from ticketing.discord.clock import Clock, SystemClock, stopped_by_signals
from ticketing.discord.lock import AlreadyRunning, LockError, only_one
from ticketing.discord.progress import Progress
from ticketing.discord.ratelimit import USUAL_CHANNEL, Pacer
from ticketing.discord.records import ClaimedElsewhere, Records, Scope
from ticketing.discord.sender import GivenUp, Sender
from ticketing.discord.webhook import Webhook
from ticketing.discord.wording import count, describe, duration, problem
from ticketing.management.base import DatabaseCommand

WRONG_USAGE = 2
INTERRUPTED = 130
RESUME = "Run notify_discord again to send the rest."
new_clock = SystemClock
open_webhook = Webhook


class Command(DatabaseCommand):
    """Posts all tickets that the webhook did not get yet, oldest id first.

    Exit codes: 0 all sent, 1 some failed, unknown or left, 2 wrong usage or setting, 130 interrupted.
    """

    help = (
        "Post all tickets that the webhook in DISCORD_WEBHOOK_URL (or the file that DISCORD_WEBHOOK_URL_FILE "
        "names) did not get yet. A second run goes on where the first one stopped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments. The URL is none: a secret in a command line is seen by every process."""
        parser.add_argument(
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

    def handle(
        self, *, dry_run: bool, limit: int | None, again: bool, resend_unknown: bool, **_: object
    ) -> None:
        """Check the setting, then plan or send."""
        url, clock, scope = _webhook_url(), new_clock(), Scope(again, resend_unknown)
        records = Records(url.id, clock)
        if dry_run:
            self._plan(url, _batches(records, scope, limit))
            return
        try:
            with only_one(url.id):
                pacer = _pacer(records, clock)  # before `prepare`, which may forget
                records.prepare(scope)
                self._send(url, records, _batches(records, scope, limit), pacer, clock)
        except (AlreadyRunning, ClaimedElsewhere):
            raise CommandError(
                f"Another notify_discord is sending to {url}; wait until it is done."
            ) from None
        except OperationalError as error:
            raise CommandError(f"The database gave up ({error}). {RESUME}") from None
        except LockError as error:
            raise CommandError(f"The lock file cannot be used ({error}); make it writable.") from None
        except KeyboardInterrupt:
            self.stderr.write("Stopped at once; a message under way will be listed as unknown.")
            raise SystemExit(INTERRUPTED) from None

    def _plan(self, url: WebhookURL, planned: list[Batch]) -> None:
        estimate = duration(Pacer().forecast(len(planned), 0.0))
        self.stdout.write(
            f"Would send {count(_tickets(planned), 'ticket')} in {count(len(planned), 'message')} "
            f"to {url}, in about {estimate}. Nothing was sent."
        )
        if planned:
            self.stdout.write(f"The first message:\n\n{planned[0].content}")

    def _send(
        self, url: WebhookURL, records: Records, planned: list[Batch], pacer: Pacer, clock: Clock
    ) -> None:
        tickets, reason = _tickets(planned), ""
        progress = Progress(self._put, clock, len(planned), tickets, terminal=self.stdout.isatty())
        with open_webhook(url) as webhook, stopped_by_signals(clock):
            sender = Sender(webhook, records, pacer, clock, progress)
            try:
                sender.run(planned)
            except GivenUp as given_up:
                reason = str(given_up)
            finally:
                progress.close()
        done = sender.summary
        self.stdout.write(describe(done, url) if planned else f"No ticket is waiting to be sent to {url}.")
        if reason:
            raise CommandError(f"Stopped: {reason}. {RESUME}")
        if left := tickets - done.tickets - done.failed - done.unknown:
            self.stderr.write(f"Stopped as asked, with {count(left, 'ticket')} left. {RESUME}")
            raise SystemExit(INTERRUPTED)
        if left_over := problem(records.counts()):
            raise CommandError(left_over)

    def _put(self, text: str) -> None:
        self.stdout.write(text, ending="")
        self.stdout.flush()


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


def _batches(records: Records, scope: Scope, limit: int | None) -> list[Batch]:
    first = 1 if scope.again else records.messages() + 1
    return list(batches(records.pending(scope, limit), first))


def _pacer(records: Records, clock: Clock) -> Pacer:
    """A pacer that knows what an earlier run sent a moment ago, as the channel still counts it."""
    now, monotonic = clock.now(), clock.monotonic()
    recent = records.sent_within(USUAL_CHANNEL.period)
    return Pacer(monotonic - (now - at).total_seconds() for at in recent)


def _tickets(planned: list[Batch]) -> int:
    return sum(len(batch.ticket_ids) for batch in planned)


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)
