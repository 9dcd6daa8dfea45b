"""What is kept, what is shown of it, and what survives a restart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from discord_sim import ledger
from discord_sim.config import Config, ConfigError
from discord_sim.ledger import Ledger
from discord_sim.server import create_app
from tests.unit.discord_sim.conftest import ID, TOKEN, Clock, Post, body

TICKETS = "**Batch 1:**\n🎟 Ticket 7\n👤 Name: 🎟 Ticket 99\n---\n🎟 Ticket 8\n---"


def test_messages_stats_and_forgetting(post: Post, client: FlaskClient) -> None:
    post(TICKETS, username="Ticket Bot")
    post(TICKETS.replace("8", "9"))
    first, second = body(client.get("/_lab/messages"))
    assert first.keys() == {"id", "content", "embeds", "username", "received_at", "tickets"}
    assert (first["tickets"], second["tickets"]) == ([7, 8], [7, 9])
    assert first["username"] == "Ticket Bot"
    assert first["received_at"].startswith("2023-11-14T22:30:00")
    stats = body(client.get("/_lab/stats"))
    assert (stats["messages"], stats["tickets"], stats["tickets_repeated"]) == (2, 3, [7])
    assert client.delete("/_lab/messages").status_code == 204
    assert body(client.get("/_lab/messages")) == []
    assert body(client.get("/_lab/stats"))["messages"] == 0


def test_tickets_in_embeds_count_and_are_shown_as_well(post: Post, client: FlaskClient) -> None:
    first = {"title": "🎟 7 ▲ a | b", "description": "🎟 8 ● a 🎟 99 ▼ x\n🎟 9 ? c | <i>"}
    last = {"fields": [{"name": "none", "value": "🎟 Ticket 10"}, {"name": "🎟 11 years", "value": "🎟12 ▲ "}]}
    post("legend\n🎟 6 ▼ first", embeds=[first, last])
    post("again", embeds=[{"description": "🎟 9 ● c"}])
    kept, again = body(client.get("/_lab/messages"))
    assert (kept["tickets"], again["tickets"]) == ([6, 7, 8, 9, 10], [9])
    assert kept["embeds"][0] == first["title"] + "\n" + first["description"]
    assert body(client.get("/_lab/stats"))["tickets_repeated"] == [9]
    page = client.get("/").text
    assert "🎟 9 ? c | &lt;i&gt;" in page
    assert "🎟 Ticket 10" in page
    assert "5 tickets" in page


def test_a_restart_keeps_all_but_a_line_cut_short(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "new" / "ledger.jsonl"
    config = Config(ID, TOKEN, path)
    create_app(config, clock).test_client().post(
        f"/api/webhooks/{ID}/{TOKEN}", json={"content": TICKETS + "\ud800"}
    )
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:40])
    again = create_app(config, clock).test_client()
    assert [message["tickets"] for message in body(again.get("/_lab/messages"))] == [[7, 8]]
    assert path.read_bytes() == whole
    again.post(f"/api/webhooks/{ID}/{TOKEN}", json={"content": "next"})
    assert body(create_app(config, clock).test_client().get("/_lab/stats"))["messages"] == 2
    again.delete("/_lab/messages")
    assert path.read_bytes() == b""


def test_memory_is_bounded_while_counters_and_file_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "KEPT", 3)
    path = tmp_path / "ledger.jsonl"
    kept = Ledger(path)
    for number in range(10):
        kept.add({"id": str(number), "content": f"🎟 Ticket {number}"})
    for book in (kept, Ledger(path)):
        assert [json.loads(line)["id"] for line in book.lines()] == ["7", "8", "9"]
        assert [message["id"] for message in book.newest(2)] == ["9", "8"]
        assert (book.received, len(book.tickets)) == (10, 10)


def test_memory_is_bounded_in_bytes_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "KEPT_BYTES", 2_500)
    kept = Ledger()
    for number in range(5):
        kept.add({"id": str(number), "content": "x" * 1_000})
    assert [json.loads(line)["id"] for line in kept.lines()] == ["3", "4"]


def test_another_file_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("mine\n")
    with pytest.raises(ValueError, match=r"notes\.txt, line 1 is not a message"):
        Ledger(path)
    assert path.read_text() == "mine\n"


def test_the_page_escapes_what_it_shows_newest_first(post: Post, client: FlaskClient) -> None:
    empty = client.get("/")
    assert "Nothing yet" in empty.text
    post("<script>alert(1)</script>", username="<b>Eve</b>")
    post("second")
    answer = client.get("/")
    assert "<script" not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text
    assert "<b>Eve" not in answer.text
    assert answer.text.index("second") < answer.text.index("alert(1)")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "http" not in answer.text.replace("http-equiv", "")


ENV = {"DISCORD_WEBHOOK_ID": "12", "DISCORD_WEBHOOK_TOKEN": "tok"}


def test_settings_from_the_environment(tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text("from-file\n")
    env = ENV | {"DISCORD_WEBHOOK_TOKEN_FILE": str(secret), "DISCORD_CHANNEL_LIMIT": "10/30"}
    config = Config.from_env(env)
    assert config.webhook_token == "from-file"
    assert (str(config.webhook_limit), str(config.channel_limit)) == ("5/2", "10/30")
    assert "from-file" not in repr(config)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"DISCORD_WEBHOOK_ID": "abc"}, "DISCORD_WEBHOOK_ID"),
        ({"DISCORD_WEBHOOK_TOKEN": ""}, "DISCORD_WEBHOOK_TOKEN_FILE"),
        ({"DISCORD_WEBHOOK_TOKEN": "a/b"}, "DISCORD_WEBHOOK_TOKEN"),
        ({"DISCORD_WEBHOOK_TOKEN_FILE": "/nowhere/token"}, "/nowhere/token"),
        ({"DISCORD_WEBHOOK_LIMIT": "fast"}, "DISCORD_WEBHOOK_LIMIT"),
    ],
)
def test_a_wrong_setting_is_one_sentence_that_names_it(change: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigError) as error:
        Config.from_env(ENV | change)
    assert named in str(error.value)
    assert str(error.value).count(". ") == 0
    assert str(error.value).endswith(".")
