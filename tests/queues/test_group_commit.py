import pytest
import trio
from prometheus_client import REGISTRY

from queues.errors import StoreUnavailableError, TooManyWaitingError
from queues.group_commit import GroupCommit


class SlowWriter:
    """Writes batches only when told to, and remembers them."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.gate = trio.Semaphore(0)
        self.error: Exception | None = None

    async def write(self, items: list[int]) -> list[int]:
        self.batches.append(items)
        await self.gate.acquire()
        if self.error:
            raise self.error
        return [item * 10 for item in items]


async def start(
    nursery: trio.Nursery, writer: SlowWriter, *, largest: int = 4, most_waiting: int = 8
) -> GroupCommit[int, int]:
    group = GroupCommit("event", writer.write, largest=largest, most_waiting=most_waiting, patience=1.5)
    await nursery.start(group.run)
    return group


async def test_what_arrives_during_one_write_is_the_next_batch(nursery, autojump_clock):
    writer = SlowWriter()
    group = await start(nursery, writer)
    results: dict[int, int] = {}

    async def submit(item: int) -> None:
        results[item] = await group.submit(item)

    async with trio.open_nursery() as callers:
        callers.start_soon(submit, 1)
        await trio.testing.wait_all_tasks_blocked()
        for item in (2, 3, 4, 5, 6):
            callers.start_soon(submit, item)
        await trio.testing.wait_all_tasks_blocked()
        for _ in range(3):
            writer.gate.release()
    assert [sorted(batch) for batch in writer.batches[:1]] == [[1]]
    assert [len(batch) for batch in writer.batches] == [1, 4, 1], "a batch holds at most `largest`"
    assert results == {item: item * 10 for item in range(1, 7)}


async def test_a_cancelled_caller_harms_nobody_else_in_its_batch(nursery, autojump_clock):
    writer = SlowWriter()
    group = await start(nursery, writer)
    results = []

    async def patient() -> None:
        results.append(await group.submit(1))

    async with trio.open_nursery() as callers:
        callers.start_soon(patient)
        with trio.move_on_after(1) as impatient:
            await group.submit(2)
        writer.gate.release()
        writer.gate.release()
    assert impatient.cancelled_caught
    assert results == [10]


async def test_an_item_whose_caller_left_before_it_was_written_is_not_written(nursery, autojump_clock):
    writer = SlowWriter()
    group = await start(nursery, writer)
    async with trio.open_nursery() as callers:
        callers.start_soon(group.submit, 1)
        await trio.testing.wait_all_tasks_blocked()
        with trio.move_on_after(1):
            await group.submit(2)
        writer.gate.release()
    assert writer.batches == [[1]]


async def test_each_caller_hears_of_a_failed_write(nursery, autojump_clock):
    writer = SlowWriter()
    writer.error = StoreUnavailableError("gone")
    writer.gate.release()
    group = await start(nursery, writer)
    with pytest.raises(StoreUnavailableError, match="gone"):
        await group.submit(1)
    writer.error = None
    writer.gate.release()
    assert await group.submit(2) == 20, "and it goes on"


async def test_a_bug_in_writing_fails_its_batch_and_not_the_process(nursery, autojump_clock):
    writer = SlowWriter()
    writer.error = ZeroDivisionError("a bug")
    writer.gate.release()
    group = await start(nursery, writer)
    with pytest.raises(StoreUnavailableError):
        await group.submit(1)
    writer.error = None
    writer.gate.release()
    assert await group.submit(2) == 20


async def test_a_batch_and_what_waits_are_bounded_by_their_sizes(nursery, autojump_clock):
    writer = SlowWriter()
    group = await start(nursery, writer, largest=4, most_waiting=8)
    for _ in range(2):  # what was written takes no room any more
        for item, size in enumerate((3, 2, 2)):
            group.hand_in(item, lambda _result: None, size)
        with pytest.raises(TooManyWaitingError):
            group.hand_in(3, lambda _result: None, 2)
        for _ in range(2):
            await trio.testing.wait_all_tasks_blocked()
            writer.gate.release()
        await trio.testing.wait_all_tasks_blocked()
    assert writer.batches == [[0], [1, 2]] * 2


async def test_a_batch_is_counted_by_its_size(nursery, autojump_clock):
    def counted() -> list[float | None]:
        names = [f"tidegate_append_batch_size_{what}" for what in ("count", "sum")]
        return [REGISTRY.get_sample_value(name, {"kind": "sized"}) for name in names]

    writer = SlowWriter()
    group = GroupCommit("sized", writer.write, largest=4, most_waiting=8, patience=1.5)
    await nursery.start(group.run)
    for item, size in enumerate((3, 1)):
        group.hand_in(item, lambda _result: None, size)
    writer.gate.release()
    await trio.testing.wait_all_tasks_blocked()
    assert counted() == [1, 4]


async def test_what_is_larger_than_any_bound_is_taken_where_nothing_waits_and_written_alone(nursery, autojump_clock):
    writer = SlowWriter()
    group = await start(nursery, writer, largest=4, most_waiting=8)
    group.hand_in(1, lambda _result: None, 20)
    with pytest.raises(TooManyWaitingError):
        group.hand_in(2, lambda _result: None)
    await trio.testing.wait_all_tasks_blocked()
    group.hand_in(3, lambda _result: None)
    for _ in range(2):
        writer.gate.release()
        await trio.testing.wait_all_tasks_blocked()
    assert writer.batches == [[1], [3]]


async def test_however_slow_the_store_a_caller_waits_no_longer_than_its_patience_and_one_write(nursery, autojump_clock):
    async def write(items: list[int]) -> list[int]:
        await trio.sleep(3)  # the store's timeout
        raise StoreUnavailableError("no answer in time")

    group: GroupCommit[int, int] = GroupCommit("event", write, largest=4, most_waiting=100, patience=1.5)
    await nursery.start(group.run)
    waits = []

    async def submit() -> None:
        began = trio.current_time()
        with pytest.raises(StoreUnavailableError):
            await group.submit(1)
        waits.append(trio.current_time() - began)

    async with trio.open_nursery() as callers:
        for _ in range(40):
            callers.start_soon(submit)
            await trio.sleep(0.25)
    assert max(waits) <= 4.5


async def test_when_it_stops_nobody_is_left_waiting(autojump_clock):
    writer = SlowWriter()
    told: list[int | StoreUnavailableError] = []
    async with trio.open_nursery() as nursery:
        group = await start(nursery, writer, largest=2)
        for item in range(3):
            group.hand_in(item, told.append)
        await trio.testing.wait_all_tasks_blocked()  # two are being written, one waits
        nursery.cancel_scope.cancel()
    assert [type(each) for each in told] == [StoreUnavailableError] * 3
    with pytest.raises(StoreUnavailableError):
        group.hand_in(3, told.append)


async def test_once_a_batch_was_told_whoever_sends_the_answers_is_called(nursery, autojump_clock):
    writer, happened = SlowWriter(), []
    group: GroupCommit[int, int] = GroupCommit(
        "event", writer.write, largest=4, most_waiting=8, patience=1.5, after=lambda: happened.append("sent")
    )
    await nursery.start(group.run)
    for item in (1, 2):
        group.hand_in(item, happened.append)
    writer.gate.release()
    await trio.testing.wait_all_tasks_blocked()
    assert happened == [10, 20, "sent"]


async def test_each_batch_that_begins_is_observed(nursery, autojump_clock):
    writer = SlowWriter()
    seen: list[tuple[float, int, int]] = []

    def observe(waited: float, _now: float, begun: int, waiting: int) -> None:
        seen.append((waited, begun, waiting))

    group = GroupCommit("event", writer.write, largest=2, most_waiting=8, patience=1.5, observe=observe)
    await nursery.start(group.run)
    for item in range(3):
        group.hand_in(item, lambda _result: None)
    await trio.sleep(0.25)
    group.hand_in(3, lambda _result: None)
    await trio.sleep(0.25)
    for _ in range(2):
        writer.gate.release()
        await trio.testing.wait_all_tasks_blocked()
    assert seen == [(0, 2, 1), (0.25, 2, 0)], "its middle item waited so long"
