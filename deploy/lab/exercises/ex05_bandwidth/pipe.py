"""What a student draws, and what theory says of it."""

from __future__ import annotations

from dataclasses import dataclass

from lab import theory
from lab.exercises.student import Draw
from link.condition import Condition, Link

ZONE = "clients"
# Bytes that each student's link holds: more than the largest small window comes to, and less than AMPLE.
# With AMPLE what is beyond them waits in the link's queue of 100 ms, and none of it is lost.
LEAST, MOST = 140_000, 180_000
AMPLE = "200K"  # as iperf3 takes it; no more, since any Linux lets a program ask for this much


@dataclass(frozen=True)
class Pipe:
    """What a student draws: one-way delay (ms), rate (0.1 Mbit/s), window (KiB), a file's size (kB)."""

    milliseconds: int
    tenths: int
    kibibytes: int
    kilobytes: int

    @property
    def link(self) -> Link:
        """The link that is asked for."""
        condition = Condition(delay=self.milliseconds / 1e3, rate=self.rate)
        return Link(condition, condition)

    @property
    def rate(self) -> float:
        """bit/s on the wire."""
        return self.tenths * 1e5

    @property
    def rtt(self) -> float:
        """The round trip in seconds: both ways."""
        return 2 * self.milliseconds / 1e3

    @property
    def window(self) -> int:
        """Bytes."""
        return self.kibibytes * 1024

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self.kilobytes * 1000

    @property
    def command(self) -> str:
        """What makes the link."""
        return f"make link ZONE={ZONE} DELAY={self.milliseconds}ms RATE={self.tenths / 10:g}mbit"


def draw_pipe(draw: Draw) -> Pipe:
    """A link whose product is from LEAST to MOST, a window of less than half of it, and a file."""
    milliseconds = draw.whole(52, 64)
    tenths = draw.whole(*(round(size * 8 / (2 * milliseconds / 1e3) / 1e5) for size in (LEAST, MOST)))
    return Pipe(milliseconds, tenths, draw.whole(32, 60, 4), draw.whole(250, 400, 10))


def numbers(drawn: Pipe) -> dict[str, str]:
    """What the page's commands name."""
    return {
        "DELAY": f"{drawn.milliseconds}ms",
        "RATE": f"{drawn.tenths / 10:g}mbit",
        "WINDOW": f"{drawn.kibibytes}K",
        "LAST": str(drawn.size - 1),
    }


def predicted(drawn: Pipe) -> dict[str, float]:
    """What theory says, in bytes, bit/s, bit/s and seconds."""
    rate = drawn.rate / 8
    return {
        "bdp": theory.bandwidth_delay_product(rate, drawn.rtt),
        "small_window": 8 * theory.window_limit(drawn.window, drawn.rtt),
        "full_rate": drawn.rate * theory.MSS / theory.FRAME,
        "file": theory.fetch_time(drawn.size, rate, drawn.rtt),
    }
