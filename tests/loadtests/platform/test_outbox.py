"""Fact sheet §1.4 and §8: receipts come later, and order is not promised."""

import trio
from trio.testing import wait_all_tasks_blocked

from loadtests.platform import callbacks
from loadtests.platform.delay_line import DelayLine
from loadtests.platform.outbox import Outbox


class Deliverer:
    def __init__(self):
        self.offered = []

    def offer(self, callback):
        self.offered.append(callback.created)


async def emitted(count, delay, seconds, **disorder):
    """What was offered, in order, `seconds` after `count` callbacks were emitted; and how many are still due."""
    delays, deliverer = DelayLine(), Deliverer()
    outbox = Outbox(delays, deliverer, **{"disorder_share": 0, "disorder_seconds": 0, "seed": 1} | disorder)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(delays.run)
        for number in range(count):
            outbox.emit(delay, callbacks.text("gh_1", "oA", number, number, "hello"))
        await trio.sleep(seconds)
        await wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    return deliverer.offered, outbox.receipts_due


async def test_a_receipt_comes_after_its_delay(autojump_clock):
    assert await emitted(1, 5, 4.9) == ([], 1)
    assert await emitted(1, 5, 5.1) == ([0], 0)


async def test_without_disorder_the_order_is_kept(autojump_clock):
    assert await emitted(50, 1, 2) == (list(range(50)), 0)


async def test_8_with_disorder_later_ones_overtake_and_none_is_lost(autojump_clock):
    offered, due = await emitted(50, 0, 11, disorder_share=0.5, disorder_seconds=10)
    assert offered != sorted(offered)
    assert (sorted(offered), due) == (list(range(50)), 0)
