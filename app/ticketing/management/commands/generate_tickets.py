"""Write a fixture of made-up tickets."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ticketing.management.progress import Meter
from ticketing.services.generator import fixture

DEFAULT_OUTPUT = "ticketing/fixtures/generated_tickets.json"


def positive(text: str) -> int:
    """A whole number from 1, for argparse."""
    number = int(text) if text.isascii() and text.isdigit() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return number


class Command(BaseCommand):
    """Writes departments and tickets for `load_tickets` or `loaddata`; the same seed, the same bytes."""

    help = "Write a Django fixture of made-up departments and tickets, the same bytes for the same seed."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--count", type=positive, default=1300, help="how many tickets (default: 1300)")
        parser.add_argument("--seed", type=int, default=10, help="where chance begins (default: 10)")
        parser.add_argument(
            "--output",
            help=f"file to write, - for standard output (default: {DEFAULT_OUTPUT} beside manage.py)",
        )

    def handle(self, *, count: int, seed: int, output: str | None, **_: Any) -> None:  # noqa: ANN401
        """Generate and write."""
        if output == "-":
            for line in fixture(count, seed):
                self.stdout.write(line, ending="")
            return
        path = Path(output) if output else settings.BASE_DIR / DEFAULT_OUTPUT
        try:
            with Meter(self.stdout) as meter:
                _write_whole(path, _watched(fixture(count, seed), count, meter))
        except OSError as error:
            raise CommandError(
                f"{path}: cannot be written ({error.strerror}); name another file with --output, or - ."
            ) from error
        self.stdout.write(f"Wrote {count:,} tickets (seed {seed}) to {path}.")


def _watched(lines: Iterable[str], count: int, meter: Meter) -> Iterator[str]:
    for done, line in enumerate(lines):
        if done % 10_000 == 0:
            meter.show(f"{done:,} tickets written", done / count)
        yield line


def _write_whole(path: Path, lines: Iterable[str]) -> None:
    """Write beside the target and rename, so that nobody ever reads half a file."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(lines)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
