"""Streams of the live feed: nothing missing, nothing twice, nothing for others, and an end with a reason."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.db import OperationalError

from tests.unit.service.callers import make_user
from tests.unit.service.listeners import WEBSOCKET, everything, happen, in_a_loop, listen, request
from ticketing.live import hub, log, passes, stream, subscription, timeline
from ticketing.live.admission import Caller
from ticketing.live.application import LiveApplication
from ticketing.live.endings import Ending
from ticketing.live.events import Event
from ticketing.live.messages import Message
from ticketing.models import Department
from ticketing.roles import Role
from ticketing.services import scope

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "INTERVAL", 0.01)
    monkeypatch.setattr(hub, "RETRY", 0.01)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


@in_a_loop
async def test_without_a_place_the_stream_begins_now(instructor: User, department: Department) -> None:
    before = await happen(department)
    async with listen(LiveApplication(), instructor) as client:
        assert (await client.next())[0] == "retry"
        assert await client.next() == ("heartbeat", before, None)
        after = await happen(department)
        event_id, data = await client.event()
        assert event_id == data["id"] == after > before


@in_a_loop
async def test_neither_caches_nor_buffers_may_keep_a_stream(instructor: User) -> None:
    ticket = passes.give(instructor.pk, time.time() + 60)
    async with request(LiveApplication(), query=f"ticket={ticket}") as client:
        headers = dict((await client.raw())["headers"])
    assert headers[b"content-type"] == b"text/event-stream; charset=utf-8"
    assert headers[b"cache-control"] == b"no-store"
    assert headers[b"x-accel-buffering"] == b"no"


@in_a_loop
async def test_what_was_missed_comes_in_order(instructor: User, department: Department) -> None:
    ids = [await happen(department) for _ in range(log.PAGE + 3)]
    async with listen(LiveApplication(), instructor, ids[1]) as client:
        assert await client.ids(log.PAGE + 1) == ids[2:]
        assert client.last_id == ids[-1]


@in_a_loop
async def test_the_seam_between_missed_and_live(
    instructor: User, department: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Things happen just before the missed events are read, and just after, before the stream is live."""
    between, live = log.between, asyncio.Event()

    async def busy(*args: Any) -> list[Event]:  # noqa: ANN401 - passed on
        await happen(department)
        await asyncio.sleep(0.05)  # the poller looks several times
        page = await between(*args)
        await happen(department)
        await asyncio.sleep(0.05)
        live.set()
        return page

    monkeypatch.setattr(log, "between", busy)
    application, heard = LiveApplication(), list[int]()
    place = first = await happen(department)
    for _ in range(5):
        live.clear()
        await happen(department)
        async with listen(application, instructor, place) as client:
            await asyncio.wait_for(live.wait(), 10)
            place = await happen(department)
            heard += await client.ids_until(place)
            assert client.last_id == place
    assert [first, *heard] == await sync_to_async(everything)()


@in_a_loop
async def test_a_lower_id_that_is_committed_late_is_waited_for(
    instructor: User, department: Department
) -> None:
    first = await happen(department)
    async with listen(LiveApplication(), instructor) as client:
        await client.next()
        await client.next()
        await happen(department, id=first + 2)
        await asyncio.sleep(0.05)
        await happen(department, id=first + 1)
        assert await client.ids(2) == [first + 1, first + 2]


@in_a_loop
async def test_one_that_comes_too_late_leaves_the_place_as_it_was(
    instructor: User, department: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline, "PATIENCE", 0.0)
    application, first = LiveApplication(), await happen(department)
    async with listen(application, instructor) as client:
        await happen(department, id=first + 2)
        assert (await client.event())[0] == first + 2
        await happen(department, id=first + 1)
        event_id, data = await client.event()
        assert (event_id, data["id"]) == (None, first + 1)
        # Who comes back with its place gets neither again, and who comes from before gets both in order.
        async with listen(application, instructor, client.last_id) as again:
            await happen(department, id=first + 3)
            assert await again.ids(1) == [first + 3]
        async with listen(application, instructor, first) as from_before:
            assert await from_before.ids(3) == [first + 1, first + 2, first + 3]


@in_a_loop
async def test_one_that_was_missing_when_the_first_client_came(
    instructor: User, department: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes to light while another client reads what it missed, and both get it once."""
    between, first = log.between, await happen(department)

    async def busy(*args: Any) -> list[Event]:  # noqa: ANN401 - passed on
        await happen(department, id=first + 1)
        return await between(*args)

    monkeypatch.setattr(log, "between", busy)
    last = await happen(department, id=first + 2)
    application = LiveApplication()
    async with listen(application, instructor) as live, listen(application, instructor, first) as resumed:
        assert await live.ids(1) == [first + 1]
        end = await happen(department)
        assert await live.ids(1) == [end]
        assert await resumed.ids_until(end) == [last, first + 1, end]


def test_a_client_may_know_more_than_this_process_has_told(instructor: User, department: Department) -> None:
    caller = Caller(scope.Audience(instructor.pk, Role.INSTRUCTOR), until=0.0)
    place = subscription.Subscription(caller, position=5, missing=frozenset(), after=7)
    waiting = []
    for number in (6, 7, 8):
        event = Event(number, department.pk, None, internal=False, data=b"{}")
        place.hear(timeline.Told(event), Message("ticket", event.data, number))
        waiting.append(len(place._queue))
    assert waiting == [0, 0, 1]


@in_a_loop
async def test_places_that_cannot_be_resumed(
    instructor: User, department: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "MOST_MISSED", 3)
    ids = [await happen(department) for _ in range(5)]
    application = LiveApplication()
    places: list[Callable[[], int]] = [lambda: ids[0], lambda: ids[-1] + 1, lambda: 10**17]
    for place in places:
        async with listen(application, instructor, place()) as client:
            event_id, data = await client.event("reset")
            assert event_id == ids[-1]
            assert data["message"]
            ids.append(await happen(department))
            assert await client.ids(1) == [ids[-1]]
    async with listen(application, instructor, ids[-4]) as client:
        assert await client.ids(3) == ids[-3:]


@in_a_loop
async def test_everybody_hears_what_is_theirs(
    student: User, other_student: User, instructor: User, department: Department
) -> None:
    def team() -> User:
        agent = make_user("agent", "agents")
        department.agents.add(agent)
        return agent

    agent = await sync_to_async(team)()
    elsewhere = await sync_to_async(Department.objects.create)(name="Elsewhere")
    application, start = LiveApplication(), await happen(department)
    people = (student, other_student, agent, instructor)
    async with AsyncExitStack() as stack:
        live = [await stack.enter_async_context(listen(application, user)) for user in people]
        own = await happen(department, student)
        internal = await happen(department, student, internal=True)
        others = await happen(elsewhere, other_student)
        end = [await happen(elsewhere, user) for user in (student, other_student, agent)]
        expected = [
            [own, end[0]],
            [others, end[1]],
            [own, internal, end[2]],
            [own, internal, others, *end],
        ]
        for client, ids in zip(live, expected, strict=True):
            assert await client.ids(len(ids)) == ids
        for user, ids in zip(people, expected, strict=True):
            async with listen(application, user, start) as resumed:
                assert await resumed.ids(len(ids)) == ids
                assert (await resumed.next())[0] == "heartbeat"


@in_a_loop
async def test_a_heartbeat_moves_the_place_of_one_who_hears_nothing(
    student: User, department: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT", 0.02)
    async with listen(LiveApplication(), student) as client:
        others = await happen(department)
        async with asyncio.timeout(10):
            while (heard := await client.next())[1] != others:
                assert heard[0] in ("retry", "heartbeat")


@in_a_loop
async def test_a_client_that_does_not_read_is_sent_away(
    instructor: User, department: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscription, "LONGEST_QUEUE", 5)
    application = LiveApplication()
    async with listen(application, instructor) as client, listen(application, instructor) as reader:
        await client.next()
        assert (await client.next())[0] == "heartbeat"
        client.room.clear()
        ids = [await happen(department) for _ in range(4)]
        assert await reader.ids(4) == ids
        ids += [await happen(department) for _ in range(4)]
        assert await reader.ids(4) == ids[4:]
        (slow,) = [each for each in application.hub.subscriptions if each.ending is not None]
        assert slow.ending is Ending.TOO_SLOW
        assert not slow._queue
        client.room.set()
        assert (await client.event())[1]["id"] == ids[0]  # was on its way
        assert (await client.event("end"))[1]["code"] == "too_slow"
        assert await client.raw() == {"type": "http.response.body", "body": b""}
        # Nothing is lost for it.
        async with listen(application, instructor, client.last_id) as again:
            assert await again.ids(7) == ids[1:]


@in_a_loop
async def test_a_client_that_never_reads_is_given_up(
    instructor: User, department: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "PATIENCE", 0.05)
    application = LiveApplication()
    async with listen(application, instructor) as client:
        client.room.clear()
        await happen(department)
        await asyncio.wait_for(client.task, 10)
        assert not application.hub.subscriptions


@in_a_loop
async def test_a_stream_ends_with_the_token(instructor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = passes.give(instructor.pk, time.time() + 0.3)
    async with request(LiveApplication(), query=f"ticket={ticket}") as client:
        assert (await client.raw())["status"] == 200
        assert (await client.event("end"))[1]["code"] == "expired"


@in_a_loop
async def test_roles_are_asked_again(
    instructor: User, student: User, department: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "REFRESH", 0.01)
    application = LiveApplication()
    async with listen(application, instructor) as demoted, listen(application, student) as gone:
        (live,) = [each for each in application.hub.subscriptions if each.user == instructor.pk]
        await sync_to_async(instructor.groups.set)(student.groups.all())
        await sync_to_async(User.objects.filter(pk=student.pk).update)(is_active=False)
        assert (await gone.event("end"))[1]["code"] == "no_access"
        await until(lambda: not live.audience.role.works)
        await happen(department)
        own = await happen(department, instructor)
        assert await demoted.ids(1) == [own]


@in_a_loop
async def test_the_feed_survives_a_database_that_does_not_answer(
    instructor: User, department: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    since, failures = log.since, list[int]()

    async def failing(*args: Any) -> list[Event]:  # noqa: ANN401 - passed on
        if len(failures) < 3:
            failures.append(1)
            raise OperationalError("gone")
        return await since(*args)

    async with listen(LiveApplication(), instructor) as client:
        await happen(department)
        assert len(await client.ids(1)) == 1
        monkeypatch.setattr(log, "since", failing)
        ids = [await happen(department) for _ in range(2)]
        assert await client.ids(2) == ids
        assert len(failures) == 3


@in_a_loop
async def test_a_poller_that_fails_ends_the_streams_and_the_next_one_works(
    instructor: User, department: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*args: object) -> object:
        raise RuntimeError("a fault of ours")

    application = LiveApplication()
    with monkeypatch.context() as patch:
        patch.setattr(log, "since", broken)
        async with listen(application, instructor) as client:
            assert (await client.event("end"))[1]["code"] == "failed"
    async with listen(application, instructor) as client:
        await happen(department)
        await client.ids(1)


@in_a_loop
async def test_nobody_asks_while_nobody_listens(
    instructor: User, department: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    since, looks = log.since, list[int]()

    async def counted(*args: Any) -> list[Event]:  # noqa: ANN401 - passed on
        looks.append(1)
        return await since(*args)

    monkeypatch.setattr(log, "since", counted)
    application = LiveApplication()
    async with AsyncExitStack() as stack:
        for _ in range(10):
            client = await stack.enter_async_context(listen(application, instructor))
        await happen(department)
        await client.ids(1)
        (poller,) = [task for task in asyncio.all_tasks() if "_poll" in repr(task.get_coro())]
    await asyncio.wait_for(poller, 10)
    looked = len(looks)
    await asyncio.sleep(0.1)
    assert len(looks) == looked


@in_a_loop
async def test_caps(instructor: User, student: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "MOST_PER_USER", 2)
    monkeypatch.setattr(hub, "MOST_STREAMS", 3)
    application = LiveApplication()
    async with AsyncExitStack() as stack:
        for user in (student, student):
            await stack.enter_async_context(listen(application, user))
        for user, status in ((student, 429), (instructor, 200), (instructor, 503)):
            ticket = passes.give(user.pk, time.time() + 60)
            client = await stack.enter_async_context(request(application, query=f"ticket={ticket}"))
            start = await client.raw()
            assert start["status"] == status
            assert (b"retry-after" in dict(start["headers"])) == (status != 200)


@in_a_loop
async def test_stopping_tells_everybody_and_takes_nobody(instructor: User) -> None:
    application = LiveApplication()
    async with (
        listen(application, instructor) as events,
        listen(application, instructor, path=WEBSOCKET) as frames,
    ):
        await application.hub.stop(10)
        assert not application.hub.subscriptions
        assert (await events.event("end"))[1]["code"] == "stopping"
        assert (await frames.event("end"))[1]["code"] == "stopping"
        assert await frames.raw() == {"type": "websocket.close", "code": 1012, "reason": "stopping"}
        ticket = passes.give(instructor.pk, time.time() + 60)
        async with request(application, query=f"ticket={ticket}") as late:
            assert (await late.answer())[0] == 503


@in_a_loop
async def test_a_flood_of_pings_is_no_way_to_fill_memory(
    instructor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscription, "LONGEST_QUEUE", 5)
    application = LiveApplication()
    async with listen(application, instructor, path=WEBSOCKET) as client:
        assert (await client.next())[0] == "heartbeat"
        (flooded,) = application.hub.subscriptions
        client.room.clear()
        for number in range(20):
            client.say(type="websocket.receive", text=f'{{"ping": {number}}}')
        await until(lambda: flooded.ending is Ending.TOO_SLOW)
        client.room.set()
        heard = []
        while (message := await client.next())[0] == "pong":
            heard.append(message[2])
        assert message[2]["code"] == "too_slow"
        assert len(heard) <= 6
