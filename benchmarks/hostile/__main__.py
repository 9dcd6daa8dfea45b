"""An honest client's p95 without and with a hostile one beside it; exit 1 if it more than doubles.

See docs/hostile-clients.md for the method. Root is needed, and Nginx, nftables, iproute2 and curl. Takes
about four minutes.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator

from benchmarks.hostile.measurements import Attack, Pair, median_ratio, path
from benchmarks.report import Result, tell

PROMISE = 2.0
PAIRS, SECONDS = 5, 5.0
ATTACKS = (
    Attack("slowloris", 2000, "connections"),
    Attack("slow bodies", 2000, "connections"),
    Attack("uploads", 8, "at once"),
    Attack("SYN flood", 50_000, "a second"),
)


def judge(attack: Attack, pairs: list[Pair]) -> Result:
    """The ratio of the 95th percentiles within each pair, and its median."""
    ratios = [pair.ratio for pair in pairs]
    ratio = median_ratio(pairs)
    seen = (
        f"{sorted(pair.calm for pair in pairs)[len(pairs) // 2] * 1e3:.1f} ms",
        f"{sorted(pair.attacked for pair in pairs)[len(pairs) // 2] * 1e3:.1f} ms",
        f"{ratio:.2f} ({min(ratios):.2f}, {max(ratios):.2f})",
        str(sum(pair.failed for pair in pairs)),
        ", ".join(f"{what} {count:,}" for what, count in pairs[-1].tally.items()),
    )
    kept = ratio <= PROMISE and not any(pair.failed for pair in pairs)
    return Result(f"{attack.name}, {attack.size:,} {attack.unit}", seen, f"≤ {PROMISE:g}, 0 failed", kept)


def results() -> Iterator[Result]:
    """Every attack, on one path."""
    with path() as way:
        for attack in ATTACKS:
            yield judge(attack, way.pairs(attack, PAIRS, SECONDS))


def main() -> int:
    """Measure, tell, and return the exit code."""
    title = f"Linux {platform.release()}, {PAIRS} alternating pairs of {SECONDS:g} s, medians"
    return tell(
        title, ("p95 without", "p95 with", "ratio (lowest, highest)", "failed", "the last attack"), results()
    )


if __name__ == "__main__":
    sys.exit(main())
