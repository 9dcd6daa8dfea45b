"""What a run may choose: what is refused, and what think time does to a user."""

from __future__ import annotations

from argparse import Namespace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from common import options, targets
from common.answers import AccessToken, AnswerError, Version, decoded, status_of
from common.refusal import RefusedError
from tests.unit.load.conftest import Locust
from tests.unit.load.stub import Stub, token
from tests.unit.load.test_rules import Answer

AS_IT_COMES = {
    "via": "edge",
    "rate": 0.0,
    "arrivals": "poisson",
    "think_time": "",
    "keep_alive": "on",
    "sources": "one",
}


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAB_VIA", raising=False)


class TestCheck:
    @pytest.mark.parametrize(
        "chosen",
        [
            {},
            {"rate": "12.5", "arrivals": "even"},
            {"think_time": "0"},
            {"keep_alive": "off", "sources": "spread"},
        ],
    )
    def test_accepted(self, chosen: dict[str, str]) -> None:
        options.check(AS_IT_COMES | chosen)
        options.check(chosen)

    @pytest.mark.parametrize(
        ("chosen", "complaint"),
        [
            ({"via": "app9"}, "--via is 'app9', but must be one of edge, app1, app2, app3."),
            ({"arrivals": "often"}, "--arrivals is 'often', but must be one of poisson, even."),
            ({"keep_alive": "yes"}, "--keep-alive is 'yes', but must be one of on, off."),
            ({"sources": ""}, "--sources is '', but must be one of one, spread."),
            ({"rate": "-1"}, "--rate is '-1', but must be 0 or more arrivals a second, such as 50."),
            ({"rate": ""}, "--rate is ''"),
            ({"rate": "nan"}, "--rate is 'nan'"),
            ({"rate": "inf"}, "--rate is 'inf'"),
            (
                {"think_time": "1s"},
                "--think-time is '1s', but must be 0 or more seconds, such as 1.5, or empty.",
            ),
            ({"think_time": "-0.5"}, "--think-time is '-0.5'"),
        ],
    )
    def test_refused(self, chosen: dict[str, str], complaint: str) -> None:
        with pytest.raises(RefusedError) as refused:
            options.check(AS_IT_COMES | chosen)
        assert str(refused.value).startswith(complaint)

    def test_a_replica_needs_an_address(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(RefusedError, match=r"LAB_VIA \(not set\) has none; name it like LAB_VIA=app2="):
            options.check({"via": "app2"})
        monkeypatch.setenv("LAB_VIA", "app1=10.10.30.11, app2=127.0.0.1:8002,app3=x:y")
        options.check({"via": "app2"})
        assert targets.replica("edge") is None
        assert targets.replica("app1") == ("10.10.30.11", 8000)
        assert targets.replica("app2") == ("127.0.0.1", 8002)
        with pytest.raises(RefusedError, match="--via app3 needs the replica's address"):
            targets.replica("app3")


class User:
    """As much of a Locust user as think time touches."""

    def __init__(self, **chosen: str) -> None:
        self.environment = SimpleNamespace(parsed_options=Namespace(**(AS_IT_COMES | chosen)))

    def wait_time(self) -> float:
        return 42.0


class TestThinkTime:
    def paced(self, **chosen: str) -> User:
        user = User(**chosen)
        options.set_pace(cast(Any, user))
        return user

    def test_the_scenarios_own_stays(self) -> None:
        assert self.paced().wait_time() == 42

    def test_none(self) -> None:
        assert self.paced(think_time="0").wait_time() == 0

    def test_around_its_mean_but_not_in_step(self) -> None:
        user = self.paced(think_time="2")
        pauses = [user.wait_time() for _ in range(2000)]
        assert all(1 <= pause <= 3 for pause in pauses)
        assert min(pauses) < 1.2
        assert max(pauses) > 2.8
        assert sum(pauses) / len(pauses) == pytest.approx(2, rel=0.05)


class TestSeveralStatuses:
    def test_any_of_them_will_do(self) -> None:
        refusal = '{"error": {"status": 429, "code": "throttled"}}'
        assert status_of(cast(Any, decoded(Answer(429, refusal), (201, 429)))) == 429
        assert status_of(cast(Any, decoded(Answer(201, '{"id": 7}'), (201, 429)))) == 0

    def test_others_are_named(self) -> None:
        with pytest.raises(AnswerError, match=r"^500 instead of 201 or 429$"):
            decoded(Answer(500, ""), (201, 429))


class TestVersions:
    def test_read_from_body_and_header(self) -> None:
        answer = Answer(200, '{"id": 7, "assignee": null}', headers={"ETag": '"7-1"'})
        assert Version.read(answer) == Version.read_change(answer) == Version(7, '"7-1"', None)

    @pytest.mark.parametrize("status", [409, 412])
    def test_somebody_was_quicker(self, status: int) -> None:
        assert Version.read_change(Answer(status, "{}")) is None

    def test_anything_else_is_a_fault(self) -> None:
        with pytest.raises(AnswerError):
            Version.read_change(Answer(404, "{}"))


def test_a_token_says_whose_it_is() -> None:
    claims = "eyJ1c2VyX2lkIjogIjMifQ"  # {"user_id": "3"}
    assert AccessToken(f"e30.{claims}.none", 300.0).user == 3
    assert AccessToken.read({"access": token("access", 1, 60.0)}).lifetime == 60


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--via", "app1"), "--via app1 needs the replica's address"),
        (("--via", "app9"), "argument --via: invalid choice: 'app9'"),
        (("--think-time", "1s"), "--think-time is '1s', but must be"),
    ],
)
def test_refused_before_anything_is_sent(
    locust: Locust, stub: Stub, words: tuple[str, str], complaint: str
) -> None:
    run = locust.run("-t", "1s", "--host", stub.url, *words)
    assert (run.code, run.output) == (2, "")
    assert complaint in run.errors
    assert "Traceback" not in run.errors
    assert stub.connections == 0
