"""Reads and cancels pushes by id."""

from collections.abc import Sequence
from typing import cast

from queues import scripts
from queues.attempt import Attempt, unpack_attempts
from queues.codec import push_in
from queues.ids import shard_of_id
from queues.push import RETAIN_SECONDS, Push, PushStatus, State
from queues.scripts import Call
from queues.store import Store


async def read_push(store: Store, push_id: str) -> PushStatus | None:
    """The push with this id, or None if there is none (any more) that this program reads.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    [status] = await read_statuses(store, [push_id])
    return status


async def read_statuses(store: Store, push_ids: Sequence[str]) -> list[PushStatus | None]:
    """The pushes with these ids; None for one that is not there (any more), or is no id of this store.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    shards = [_shard(store, push_id) for push_id in push_ids]
    commands = [
        Call(None, (job,), ("HGETALL", job))
        for push_id, shard in zip(push_ids, shards, strict=True)
        if shard is not None
        for job in (store.keys[shard].job(push_id),)
    ]
    replies = iter(await store.run("read_push", commands))
    return [
        None if shard is None else _status(push_id, next(replies))
        for push_id, shard in zip(push_ids, shards, strict=True)
    ]


async def cancel_push(store: Store, push_id: str, *, retain_seconds: float = RETAIN_SECONDS) -> State | None:
    """Cancel a push that nobody has claimed; the state after the call, None if there is no such push.

    A cancelled push stays readable for `retain_seconds`.

    Raises:
        StoreUnavailableError: the store did not answer; repeating is safe.
    """
    shard = _shard(store, push_id)
    if shard is None:
        return None
    keys = store.keys[shard]
    call = Call(scripts.load("cancel"), (keys.job(push_id), keys.later), (push_id, int(retain_seconds * 1000)))
    [state] = await store.commit("cancel", [call])
    return cast("State", state.decode()) if state else None


def _status(push_id: str, fields: dict[bytes, bytes]) -> PushStatus | None:
    push = push_in(push_id.encode(), fields.get(b"queue", b""), fields.get(b"payload", b""))
    try:
        return _status_of(push, fields) if push else None
    except (KeyError, TypeError, ValueError):  # half written, or none of ours
        return None


def _status_of(push: Push, fields: dict[bytes, bytes]) -> PushStatus:
    sent_at = int(fields.get(b"sent", 0)) / 1000
    history = unpack_attempts(fields[b"history"]) if b"history" in fields else ()
    if sent_at:  # the hot path keeps no record of its own for what the job says anyway
        history = (*history, Attempt(verdict="sent", errcode=0, at=sent_at))
    return PushStatus(
        push=push,
        state=cast("State", fields[b"state"].decode()),
        attempts=int(fields.get(b"attempts", 0)),
        msgid=fields.get(b"msgid", b"").decode(),
        error=fields.get(b"error", b"").decode(),
        due_at=int(fields.get(b"due", 0)) / 1000,
        sent_at=sent_at,
        finished_at=int(fields.get(b"finished", 0)) / 1000,
        history=history,
        detail=fields.get(b"detail", b""),
    )


def _shard(store: Store, push_id: str) -> int | None:
    try:
        shard = shard_of_id(push_id)
    except ValueError:
        return None
    return shard if shard < store.shards else None
