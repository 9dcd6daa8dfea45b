"""The rate-limit window, with the time passed in."""

from __future__ import annotations

import pytest

from discord_sim.bucket import Bucket, Limit


def test_a_window_opens_with_its_first_request_and_gives_the_whole_budget_back_when_it_closes() -> None:
    bucket = Bucket(Limit(2, 10))
    assert (bucket.remaining(100), bucket.reset_after(100)) == (2, 0)
    bucket.take(100)
    bucket.take(109.5)
    assert (bucket.remaining(109.9), bucket.used(109.9)) == (0, 2)
    assert bucket.reset_after(109.5) == pytest.approx(0.5)
    assert (bucket.remaining(110), bucket.used(110), bucket.reset_after(110)) == (2, 0, 0)
    bucket.take(115)
    assert bucket.reset_after(116) == 9


def test_a_spent_budget_takes_nothing_and_is_not_prolonged_by_trying() -> None:
    bucket = Bucket(Limit(1, 10))
    bucket.take(0)
    with pytest.raises(ValueError, match="spent"):
        bucket.take(9)
    bucket.take(10)


@pytest.mark.parametrize(("text", "limit"), [("5/2", Limit(5, 2)), ("30/60.5", Limit(30, 60.5))])
def test_a_limit_is_read_and_written_in_one_form(text: str, limit: Limit) -> None:
    assert Limit.parse(text) == limit
    assert str(limit) == text


@pytest.mark.parametrize("text", ["", "5", "5/", "0/2", "5/0", "-1/2", "five/2", "5/nan", "5/inf", "5/2/1"])
def test_a_limit_of_another_form_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="for example 5/2"):
        Limit.parse(text)
