"""The table at the end of a run, from Locust's own statistics."""

from locust.env import Environment
from locust.stats import StatsEntry

from common.report import Error, Row, table


def lines(environment: Environment) -> list[str]:
    """Return the table of a run, and its failures by kind."""
    stats = environment.stats
    rows = [row(stats.entries[key]) for key in sorted(stats.entries)]
    errors = [Error(error.occurrences, error.to_name()) for error in stats.errors.values()]
    return list(table(rows, row(stats.total), errors))


def row(entry: StatsEntry) -> Row:
    """Return what the table shows of one entry of Locust's statistics."""
    return Row(
        method=entry.method or "",
        name=entry.name,
        requests=entry.num_requests,
        failures=entry.num_failures,
        rate=entry.total_rps,
        median=entry.get_response_time_percentile(0.5),
        p95=entry.get_response_time_percentile(0.95),
        p99=entry.get_response_time_percentile(0.99),
    )
