"""Whom the load may hit, who it logs in as, what counts as a success, and when a run passes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import pytest

from common import accounts, targets
from common.accounts import Account
from common.answers import AccessToken, AnswerError, Page, decoded, department_ids
from common.refusal import RefusedError
from common.report import Error, Outcome, Row, fine_bucket, table, verdict
from common.session import Session
from tests.unit.load.stub import token

T = TypeVar("T")


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAB_TARGETS", raising=False)
    monkeypatch.delenv("LAB_USERS_FILE", raising=False)


class TestTargets:
    @pytest.mark.parametrize(
        "url", ["http://10.10.10.1", "https://10.10.10.1:8443/x", "http://LOCALHOST:8080", "http://127.0.0.1"]
    )
    def test_the_lab_is_allowed(self, url: str) -> None:
        targets.check_url(url)

    @pytest.mark.parametrize(
        "url",
        [
            "http://example.org",
            "http://10.10.10.10",
            "http://10.10.10.1.example.org",
            "http://10.10.10.1@example.org/",
            "http://example.org/?10.10.10.1",
            "http://[::1]/",
        ],
    )
    def test_others_are_not(self, url: str) -> None:
        with pytest.raises(RefusedError, match="is not one of the lab's hosts"):
            targets.check_url(url)

    @pytest.mark.parametrize("url", ["10.10.10.1", "ftp://10.10.10.1", "http://", "http://[10.10.10.1", ""])
    def test_what_is_no_url(self, url: str) -> None:
        with pytest.raises(RefusedError, match=r"try --host http://10\.10\.10\.1\.$"):
            targets.check_url(url)

    def test_another_prefix(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LAB_TARGETS", " 10.99.10.1, Edge ")
        targets.check_url("http://10.99.10.1")
        targets.check_url("http://edge:8000")
        with pytest.raises(
            RefusedError, match=r"\(10\.99\.10\.1, edge\).*LAB_TARGETS=10\.99\.10\.1,edge,localhost\.$"
        ):
            targets.check_url("http://localhost")

    def test_empty_means_the_labs_own(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LAB_TARGETS", "")
        targets.check_url("http://10.10.10.1")


class TestAccounts:
    @pytest.fixture
    def users(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        path = tmp_path / "users.json"
        monkeypatch.setenv("LAB_USERS_FILE", str(path))
        return path

    def test_one_role_only(self, users: Path) -> None:
        entries = [
            {"username": name, "password": f"pw-{name}", "role": role}
            for name, role in (("ann", "student"), ("tom", "instructor"), ("bob", "student"))
        ]
        users.write_text(json.dumps(entries))
        assert accounts.having("student") == [
            Account("ann", "pw-ann", "student"),
            Account("bob", "pw-bob", "student"),
        ]
        assert "pw-ann" not in repr(accounts.having("student"))

    @pytest.mark.parametrize(
        ("text", "complaint"),
        [
            ("[{", "is not JSON"),
            ("\xff", "is not JSON"),
            ('{"username": "ann"}', "is not a list"),
            ('["hunter2"]', 'In entry 1 of the users file .* the text "username" is missing'),
            ('[{"username": "ann", "role": "student"}]', 'the text "password" is missing'),
            ('[{"username": "ann", "password": "", "role": "student"}]', 'the text "password" is missing'),
            ('[{"username": "ann", "password": "hunter2", "role": 1}]', 'the text "role" is missing'),
            ("[]", 'has nobody with the role "student"'),
            ('[{"username": "tom", "password": "hunter2", "role": "instructor"}]', "has nobody"),
        ],
    )
    def test_bad_files(self, users: Path, text: str, complaint: str) -> None:
        users.write_text(text, encoding="latin-1")
        with pytest.raises(RefusedError, match=complaint) as refused:
            accounts.having("student")
        before, path, after = str(refused.value).partition(str(users))
        assert path
        assert "hunter2" not in before + after

    @pytest.mark.usefixtures("users")
    def test_no_file(self) -> None:
        with pytest.raises(RefusedError, match="No such file"):
            accounts.having("student")

    def test_no_setting(self) -> None:
        with pytest.raises(RefusedError, match="LAB_USERS_FILE is not set"):
            accounts.having("student")


class Answer:
    """As much of Locust's response as is read."""

    def __init__(
        self,
        status_code: int,
        text: str | None,
        error: Exception | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        self.status_code = status_code
        self.text = text
        self.error = error
        self.headers = headers or {}


class RetriesExceededError(Exception):
    """As geventhttpclient reports a time-out."""

    original = TimeoutError("timed out")


class TestAnswers:
    def test_success(self) -> None:
        assert decoded(Answer(201, '{"id": 7}'), 201) == {"id": 7}

    @pytest.mark.parametrize(
        ("answer", "fault"),
        [
            (
                Answer(0, None, ConnectionRefusedError(111, "refused")),
                "no answer: ConnectionRefusedError(111, 'refused')",
            ),
            (Answer(0, None, RetriesExceededError("http://…/7/")), "no answer: TimeoutError('timed out')"),
            (Answer(0, None), "no answer"),
            (Answer(404, '{"error": {"code": "not_found"}}'), "404 instead of 200 (not_found)"),
            (Answer(502, "<html>Bad Gateway</html>"), "502 instead of 200"),
            (Answer(301, ""), "301 instead of 200"),
            (Answer(201, "{}"), "201 instead of 200"),
            (Answer(200, "<html>"), "the answer is not JSON"),
        ],
    )
    def test_faults(self, answer: Answer, fault: str) -> None:
        with pytest.raises(AnswerError) as error:
            decoded(answer, 200)
        assert str(error.value) == fault

    def test_page(self) -> None:
        results = [{"id": 4}, {"id": 2}]
        assert Page.read({"next": None, "results": results}) == Page([4, 2], is_last=True)
        assert Page.read({"next": "http://…", "results": results}) == Page([4, 2], is_last=False)

    def test_an_empty_database_is_named(self) -> None:
        with pytest.raises(AnswerError, match="load the tickets first"):
            department_ids({"results": []})

    def test_lifetime_is_by_the_servers_clock(self) -> None:
        access = token("access", 1, 300.0)  # issued at 1,000 s after the epoch
        assert AccessToken.read({"access": access}) == AccessToken(access, 300.0)


class Service:
    """Issues tokens that last 100 s, and remembers what was asked of it."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.refuses = ""

    def post(self, path: str, body: Mapping[str, str], read: Callable[[Any], T]) -> T:
        self.asked.append((path, dict(body)))
        if path == self.refuses:
            raise PermissionError(path)
        return read({"access": token("access", len(self.asked), 100.0), "refresh": "r"})


class TestSession:
    LOGIN = ("/api/token/", {"username": "ann", "password": "pw"})
    RENEWAL = ("/api/token/refresh/", {"refresh": "r"})

    def session(self) -> tuple[Session, Service, list[float]]:
        service, now = Service(), [5000.0]
        return Session(service.post, Account("ann", "pw", "student"), clock=lambda: now[0]), service, now

    def test_logs_in_once_and_renews_before_the_end(self) -> None:
        session, service, now = self.session()
        first = session.headers()
        now[0] += 79
        assert session.headers() == first
        assert service.asked == [self.LOGIN]
        now[0] += 1  # a fifth of the lifetime is left
        second = session.headers()
        assert second != first
        now[0] += 79
        assert session.headers() == second
        assert service.asked == [self.LOGIN, self.RENEWAL]

    def test_logs_in_afresh_when_the_renewal_is_refused(self) -> None:
        session, service, now = self.session()
        session.headers()
        now[0] += 200
        service.refuses = "/api/token/refresh/"
        with pytest.raises(PermissionError):
            session.headers()
        session.headers()
        assert service.asked == [self.LOGIN, self.RENEWAL, self.LOGIN]

    def test_tries_again_when_the_login_is_refused(self) -> None:
        session, service, _ = self.session()
        service.refuses = "/api/token/"
        with pytest.raises(PermissionError):
            session.headers()
        service.refuses = ""
        assert session.headers()["Authorization"].startswith("Bearer ")


class TestReport:
    @pytest.mark.parametrize(
        ("time", "bucket"),
        [(0.04, 0.0), (1.26, 1.3), (99.94, 99.9), (147.4, 147), (612.6, 613), (3432, 3430), (58760, 58800)],
    )
    def test_buckets_keep_three_digits(self, time: float, bucket: float) -> None:
        assert fine_bucket(time) == bucket

    def test_there_are_few_enough_buckets_to_send_to_the_master(self) -> None:
        assert len({fine_bucket(tenths / 10) for tenths in range(1_000_000)}) <= 1_000 + 3 * 900 + 1

    @pytest.mark.parametrize(
        ("outcome", "line"),
        [
            (Outcome(40, 0, 0), "PASSED: 40 requests, none failed"),
            (Outcome(0, 0, 0), "FAILED: no request was completed, so nothing was measured"),
            (Outcome(40, 3, 0), "FAILED: 3 of 40 requests failed"),
            (Outcome(40, 0, 0, unwritten="cannot write x"), "FAILED: cannot write x"),
        ],
    )
    def test_verdict(self, outcome: Outcome, line: str) -> None:
        assert verdict(outcome) == line

    @pytest.mark.parametrize(
        "outcome",
        [Outcome(40, 0, 1), Outcome(40, 0, 0, strain="was late"), Outcome(40, 0, 0, workers_lost=1)],
    )
    def test_a_run_fails_without_any_failed_request(self, outcome: Outcome) -> None:
        assert verdict(outcome).startswith("FAILED: ")

    def test_table(self) -> None:
        row = Row("GET", "/api/tickets/?department", 118, 2, 11.8, 2.14, 7.9, 146.0)
        total = Row("", "Aggregated", 118, 2, 11.8, 2.14, 7.9, 146.0)
        assert list(table([row], total, [Error(2, "GET /api/tickets/: 502 instead of 200")])) == [
            "request                             requests failed   per s  median    p95    p99 ms",
            "GET    /api/tickets/?department          118      2    11.8     2.1    7.9    146",
            "       Aggregated                        118      2    11.8     2.1    7.9    146",
            "     2 x GET /api/tickets/: 502 instead of 200",
        ]
