"""Settles claims: ends each and records what became of its push, a batch a call."""

from collections import defaultdict
from collections.abc import Sequence
from typing import cast

import msgpack

from queues import scripts
from queues.attempt import words_of
from queues.codec import pack_push
from queues.ids import shard_of_id
from queues.keys import RECEIPT_SECONDS, WAKE_CHANNEL, queue_name
from queues.outcome import Outcome
from queues.push import State
from queues.scripts import Call
from queues.store import Store

_ALL = "*"
_NO_REST = (0, "", "", "", "")


async def settle(store: Store, outcomes: Sequence[Outcome], retain_seconds: float) -> list[State | None]:
    """Settle the claims; the state each push is in now, None where the claim was lost and nothing changed.

    Raises:
        StoreUnavailableError: some may be settled; repeating is safe (those return None then).
    """
    by_shard: dict[int, list[int]] = defaultdict(list)
    for position, outcome in enumerate(outcomes):
        by_shard[shard_of_id(outcome.claim.push.id)].append(position)
    calls = []
    for shard, positions in by_shard.items():
        keys = store.keys[shard]
        arguments: list[object] = [keys.prefix, WAKE_CHANNEL, shard, int(retain_seconds * 1000), RECEIPT_SECONDS]
        for position in positions:
            arguments += _arguments(outcomes[position])
        calls.append(Call(scripts.load("settle"), (keys.claims, keys.later, keys.dead, keys.suppressed), arguments))
    states: list[State | None] = [None] * len(outcomes)
    for positions, results in zip(by_shard.values(), await store.run("settle", calls), strict=True):
        for position, state in zip(positions, results, strict=True):
            states[position] = cast("State", state.decode()) if state else None
    return states


def _arguments(outcome: Outcome) -> tuple[object, ...]:
    return (
        outcome.claim.push.id,
        outcome.claim.number,
        outcome.kind,
        outcome.claim.push.account,
        outcome.msgid,
        _rest(outcome),
    )


def _rest(outcome: Outcome) -> bytes:
    rest = (
        int(outcome.delay_seconds * 1000),
        outcome.error,
        _ALL if outcome.suppress == "recipient" else outcome.template,
        words_of(outcome.attempt, outcome.safe_seconds) if outcome.attempt else "",
        _more(outcome),
    )
    # The store's own reader knows no binary type.
    return cast("bytes", msgpack.packb(rest, use_bin_type=False)) if rest != _NO_REST else b""


def _more(outcome: Outcome) -> tuple[object, ...] | str:
    push = outcome.next_push
    if push is not None:
        queue = queue_name(push.account, push.channel, push.upstream, push.priority)
        return queue, pack_push(push), outcome.repeat_safe
    if outcome.detail or not outcome.receipt_follows:
        return outcome.detail, outcome.receipt_follows
    return ""
