"""Numbers as students write them: a unit is asked back, never guessed."""

from __future__ import annotations

import pytest

from lab.exercises import quantity
from lab.exercises.quantity import COUNT, PER_SECOND, RATE, SHARE, SIZE, TIME, Dimension, QuantityError


@pytest.mark.parametrize(
    ("dimension", "text", "value"),
    [
        (TIME, "80 ms", 0.08),
        (TIME, "0.08 s", 0.08),
        (TIME, "0,08 s", 0.08),
        (TIME, "80ms", 0.08),
        (TIME, "500 µs", 5e-4),
        (TIME, "500 us", 5e-4),
        (TIME, "1.5e-3 s", 1.5e-3),
        (RATE, "10 Mbit/s", 1e7),
        (RATE, "10 mbit/s", 1e7),
        (RATE, "10mbit", 1e7),
        (RATE, "10 Mbps", 1e7),
        (RATE, "10.0 Mbits/sec", 1e7),
        (RATE, "1.25 MB/s", 1e7),
        (RATE, "10000 kbit/s", 1e7),
        (SIZE, "64 KiB", 65536.0),
        (SIZE, "64 kB", 64000.0),
        (SIZE, "1448 bytes", 1448.0),
        (SIZE, "8 Mbit", 1e6),
        (SHARE, "3 %", 0.03),
        (SHARE, "3%", 0.03),
        (PER_SECOND, "120 requests/s", 120.0),
        (COUNT, "14", 14.0),
        (COUNT, 14, 14.0),
        (COUNT, "14 packets", 14.0),
    ],
)
def test_a_number_with_a_unit_is_read(dimension: Dimension, text: object, value: float) -> None:
    assert dimension.parse(text) == pytest.approx(value)


@pytest.mark.parametrize(
    ("dimension", "given", "said"),
    [
        (TIME, "80", '\'80\' has no unit; write it like "80 ms" or "0.08 s"'),
        (TIME, 80, '\'80\' has no unit; write it like "80 ms" or "0.08 s"'),
        (TIME, "80 Mbit/s", "'80 Mbit/s': 'Mbit/s' is no unit of a time"),
        (TIME, "about 80 ms", "'about 80 ms' is not a time"),
        (TIME, True, "is true or false, not a time"),
        (TIME, [80], "is a list, not a time"),
        (TIME, {"ms": 80}, "is a table, not a time"),
        (RATE, "10 Mb", "'Mb' is no unit of a rate"),
        (COUNT, "14 ms", "'ms' is no unit of a number"),
        (COUNT, "", "'' is not a number"),
        (TIME, "1e999x", "is no unit of a time"),
    ],
)
def test_anything_else_is_refused_in_words(dimension: Dimension, given: object, said: str) -> None:
    with pytest.raises(QuantityError) as refused:
        dimension.parse(given)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("dimension", "value", "shown"),
    [
        (TIME, 0.0823, "82.3 ms"),
        (TIME, 1.5, "1.5 s"),
        (TIME, 0.0, "0 µs"),
        (RATE, 9.56e6, "9.56 Mbit/s"),
        (SHARE, 0.03, "3 %"),
        (SHARE, 0.0005, "0.05 %"),
        (COUNT, 14.0, "14"),
    ],
)
def test_a_value_is_shown_in_the_unit_that_reads_best(dimension: Dimension, value: float, shown: str) -> None:
    assert dimension.show(value) == shown


def test_what_is_shown_can_be_read_again() -> None:
    for dimension in (TIME, RATE, SIZE, SHARE, PER_SECOND, COUNT):
        for value in (0.0123, 1.0, 47.5, 3e6):
            assert dimension.parse(dimension.show(value)) == pytest.approx(value, rel=1e-3)


def test_no_two_units_of_a_kind_differ_in_case_alone() -> None:
    for dimension in vars(quantity).values():
        if isinstance(dimension, Dimension):
            units = [*dimension.units, *dimension.spellings]
            by_case: dict[str, set[float]] = {}
            for unit in units:
                by_case.setdefault(unit.casefold(), set()).add(
                    {**dimension.spellings, **dimension.units}[unit]
                )
            assert all(len(scales) == 1 for scales in by_case.values())
