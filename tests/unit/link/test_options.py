"""What a student may write, and the sentence for what is wrong."""

from __future__ import annotations

import pytest

from link.condition import Condition, Link, from_json, to_json
from link.gilbert import Gilbert
from link.options import condition
from link.units import ConditionError, fraction, seconds


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ({"delay": "40ms"}, Condition(delay=0.04)),
        ({"delay": "1.5s"}, Condition(delay=1.5)),
        ({"delay": "500us"}, Condition(delay=0.0005)),
        ({"delay": "500 µs"}, Condition(delay=0.0005)),
        ({"rate": "10mbit"}, Condition(rate=10e6)),
        ({"rate": "512Kbit", "limit": "30p"}, Condition(rate=512e3, limit=30)),
        ({"rate": "10mbit", "limit": "100ms"}, Condition(rate=10e6, limit=82)),
        ({"rate": "10mbit", "limit": "64kb"}, Condition(rate=10e6, limit=42)),
        ({"delay": "40ms", "jitter": "5ms", "distribution": "pareto", "correlation": "25%"},
         Condition(delay=0.04, jitter=0.005, distribution="pareto", correlation=0.25)),
        ({"loss": "1%"}, Condition(loss=0.01)),
        ({"loss_model": "gilbert(1%, 20%)"}, Condition(gilbert=Gilbert(0.01, 0.2))),
        ({"loss_model": "gilbert(1%,20%,90%,0.1%)"}, Condition(gilbert=Gilbert(0.01, 0.2, 0.9, 0.001))),
        ({"delay": "5ms", "duplicate": "0.5%", "reorder": "25%"},
         Condition(delay=0.005, duplicate=0.005, reorder=0.25)),
    ],
)  # fmt: skip
def test_options_make_a_condition(texts: dict[str, str], expected: Condition) -> None:
    assert condition(texts) == expected


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        ({"delay": "40"}, "delay 40 has no unit; write it like 40ms, 1.5s or 500us"),
        ({"delay": "-4ms"}, "delay -4ms is negative; write 40ms"),
        ({"delay": "11s"}, "delay 11 s is more than 10 s"),
        ({"delay": "40mbit"}, "'mbit' is not a unit for it"),
        ({"delay": "fast"}, "delay 'fast' is not a number with a unit"),
        ({"delay": "nanms"}, "is not a number"),
        (
            {"delay": "5ms", "jitter": "6ms"},
            "no packet arrives before it is sent; raise --delay or lower --jitter",
        ),
        ({"delay": "5ms", "jitter": "1ms", "distribution": "gauss"}, "use normal, uniform, pareto"),
        ({"loss": "101%"}, "loss 101% is more than all packets"),
        ({"loss": "1"}, "loss 1 has no unit; write it like 1%"),
        ({"loss": "1%", "loss_model": "gilbert(1%,20%)"}, "loss is given twice"),
        ({"burst": "5"}, "--burst needs --loss"),
        ({"loss": "2%", "burst": "1"}, "are no bursts"),
        ({"loss": "2%", "burst": "many"}, "burst 'many' is not a number of packets"),
        ({"loss_model": "markov(1%)"}, "loss model 'markov(1%)' is unknown; write gilbert("),
        ({"loss_model": "gilbert(0%,20%)"}, "must enter and leave its bad state"),
        ({"rate": "1kbit"}, "rate 1 kbit/s must be from 12kbit"),
        ({"rate": "0mbit"}, "must be from 12kbit"),
        ({"rate": "10mbit", "limit": "1ms"}, "a queue of 1250 bytes cannot hold one packet of 1514"),
        ({"rate": "10mbit", "limit": "0p"}, "a queue of 0 packets cannot work"),
        ({"rate": "10mbit", "limit": "1.5p"}, "is not a whole number"),
        ({"limit": "50p"}, "means nothing without a rate; add --rate"),
        ({"limit": "50ms"}, "needs a rate; add --rate"),
        ({"reorder": "5%"}, "reordering needs a delay"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(texts: dict[str, str], sentence: str) -> None:
    with pytest.raises(ConditionError) as caught:
        condition(texts)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_modify_changes_one_value_and_keeps_the_others() -> None:
    base = Condition(delay=0.04, jitter=0.005, loss=0.01, rate=1e6)
    assert condition({"delay": "60ms"}, base) == Condition(delay=0.06, jitter=0.005, loss=0.01, rate=1e6)
    assert condition({"loss": "4%", "burst": "2"}, base).loss == 0
    assert condition({"limit": "100ms"}, base).limit == 8
    with pytest.raises(ConditionError, match="lower --jitter"):
        condition({"delay": "1ms"}, base)


def test_bursts_have_the_mean_and_length_that_were_asked_for() -> None:
    model = Gilbert.of(0.02, 5)
    assert model.mean == pytest.approx(0.02)
    assert 1 / model.leave == 5


def test_json_round_trip() -> None:
    link = Link(up=condition({"delay": "40ms", "loss_model": "gilbert(1%,20%)", "rate": "1mbit"}))
    assert from_json(to_json(link)) == link


@pytest.mark.parametrize("document", [{"up": {"delay": -1}}, {"up": {"speed": 1}}, {"sideways": None}])
def test_json_from_elsewhere_is_checked(document: dict[str, object]) -> None:
    with pytest.raises(ConditionError):
        from_json(document)


def test_a_quantity_is_the_very_float_that_is_nearest_to_what_was_typed() -> None:
    """A link that was asked for and one that was typed are compared: no last bit may differ."""
    assert all(seconds(f"{number}ms", "DELAY") == number / 1e3 for number in range(1000))
    assert all(fraction(f"{number / 10}%", "LOSS") == number / 1e3 for number in range(1000))
