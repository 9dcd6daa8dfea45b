"""What a drill leaves: drill.json for a script, and a page that needs nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from math import isnan
from pathlib import Path
from typing import Any

from markupsafe import Markup

from lab.drills import picture, runner, verdict
from lab.drills.model import Drill, Promise
from lab.drills.recovery import Seen
from lab.drills.runner import Found
from lab.drills.site import Site
from lab.drills.verdict import Verdict
from lab.errors import ExitCode
from lab.load import records
from lab.load.conditions import commit
from lab.load.page import render
from lab.load.percentiles import shown

DOCUMENT, PAGE = "drill.json", "page.html"
WORDS = {ExitCode.PASSED: "PASSED", ExitCode.FAILED: "FAILED", ExitCode.UNMEASURED: "NOT MEASURED"}


@dataclass(frozen=True)
class Report:
    """A drill that has been judged and written down."""

    name: str
    verdict: Verdict
    document: dict[str, Any]
    lines: tuple[str, ...]  # for the terminal


def run(drill: Drill, site: Site, runs: Path) -> Report:
    """Run a drill, judge it and write it down. Raises as `runner.run` does."""
    found = runner.run(drill, site, runs)
    judged = verdict.judge(found.account, found.seen, drill.promise, strained=found.strained)
    return write(drill.name, drill.sentence, found, drill.promise, judged)


def write(name: str, sentence: str, found: Found, promise: Promise, judged: Verdict) -> Report:
    """Write drill.json and page.html into the drill's folder."""
    document = {
        "drill": name,
        "sentence": sentence,
        "run": found.folder.name,
        "commit": commit(),
        "code": int(judged.code),
        "says": judged.says,
        "promise": asdict(promise),
        "strikes": [asdict(strike) for strike in found.strikes],
        "ledger": {**asdict(found.account), "exact": found.account.exact},
        "clients": found.seen.document() if found.seen else None,
        "healthy": round(found.healthy, 3),
        "strained": found.strained,
    }
    text = json.dumps(document, indent=1, ensure_ascii=False)
    (found.folder / DOCUMENT).write_text(text + "\n", encoding="utf-8")
    charts = _charts(found) if found.seen else {}
    page = render("drill.html", found=document, charts=charts, word=WORDS[judged.code])
    (found.folder / PAGE).write_text(page, encoding="utf-8")
    return Report(name, judged, document, tuple(_lines(name, found, judged)))


def _charts(found: Found) -> dict[str, Markup]:
    rows = records.read(found.folder)
    strikes = [strike.at - float(rows.run["began"]) for strike in found.strikes]
    drawn = {"answers": picture.answers(rows, strikes), "times": picture.times(rows, strikes)}
    return {name: Markup(chart) for name, chart in drawn.items()}  # noqa: S704 (ours, its texts escaped)


def _lines(name: str, found: Found, judged: Verdict) -> Iterator[str]:
    account = found.account
    known = f"{account.intended:,} meant, {account.acknowledged:,} acknowledged"
    yield f"tickets: {known}, {account.tickets:,} there"
    yield (
        f"answers lost: {account.lost_answers:,}; {account.settled:,} tickets cleared up by a retry with the "
        f"same key, {account.open:,} open ({account.open_there:,} of them there)"
    )
    yield from _seen(found.seen) if found.seen else ()
    yield f"the lab was healthy {found.healthy:.1f} s after the failure"
    yield f"page: {found.folder / PAGE}"
    yield f"{WORDS[judged.code]} {name}: {'; '.join(judged.says)}"


def _seen(seen: Seen) -> Iterator[str]:
    yield f"reads failed: {seen.reads_failed:,} of {seen.reads:,} ({seen.share:.2%})"
    yield f"writes failed: {seen.writes_failed:,} of {seen.writes:,}"
    for kind in seen.kinds:
        when = f"from {kind.first:.1f} s to {kind.last:.1f} s after the failure"
        yield f"  {kind.count:5} x {kind.method} {kind.name}: {kind.error}, {when}"
    back = "never" if isnan(seen.back) else f"{seen.back:.1f} s"
    normal = "not seen" if isnan(seen.p99_back) else f"{seen.p99_back:.1f} s"
    yield f"all succeed again after: {back}"
    yield f"p99 of reads: {shown(seen.before)} before; at most {shown(seen.normal)} again after: {normal}"
