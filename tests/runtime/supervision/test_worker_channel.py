"""The socket between `serve` and a worker."""

import socket
import threading

import pytest
import trio

from gateway.settings import Upstream
from gateway.upstream_key import UpstreamKey, key_digest
from queues.account import Account, ApiLimit
from queues.secret import Secret
from runtime.configuration.settings import Settings
from runtime.supervision.worker_channel import (
    Assignment,
    Reply,
    receive_assignment,
    receive_reply,
    send_assignment,
    send_reply,
    wait_for_end,
)

ASSIGNMENT = Assignment(
    role="gateway",
    slot="gateway-0",
    metrics="/tmp/metrics",
    settings=Settings(
        accounts=(
            Account(
                name="traffic", app_id="wx1", app_secret=Secret("hush"), limits={"template": ApiLimit(per_second=9.5)}
            ),
        ),
        upstreams=(Upstream(name="violations", key=UpstreamKey("a-key-of-8"), per_second=3),),
    ),
)


def stream_of(end: socket.socket) -> trio.SocketStream:
    return trio.SocketStream(trio.socket.from_stdlib_socket(end))


async def test_settings_arrive_as_they_were_secrets_included() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        async with stream_of(ours) as stream:
            await send_assignment(stream, ASSIGNMENT)
            received = receive_assignment(theirs)
            assert received == ASSIGNMENT
            assert received.settings.upstreams[0].key.matches(key_digest(b"a-key-of-8"))


async def test_a_large_assignment_takes_as_many_reads_as_it_needs() -> None:
    accounts = ASSIGNMENT.settings.accounts * 2_000
    large = Assignment(role="pusher", slot="p", metrics="m", settings=Settings(accounts=accounts))
    ours, theirs = socket.socketpair()
    received: list[Assignment] = []
    thread = threading.Thread(target=lambda: received.append(receive_assignment(theirs)))
    thread.start()
    async with stream_of(ours) as stream:
        await send_assignment(stream, large)
        await trio.to_thread.run_sync(thread.join)
    theirs.close()
    assert received == [large]


def test_a_supervisor_that_is_gone_is_noticed() -> None:
    ours, theirs = socket.socketpair()
    ours.sendall(b"\x00\x00\x00\x09abc")
    ours.close()
    with theirs, pytest.raises(EOFError):
        receive_assignment(theirs)


async def test_the_reply_comes_back_and_then_only_the_end() -> None:
    ours, theirs = socket.socketpair()
    worker = stream_of(theirs)
    async with stream_of(ours) as supervisor:
        await send_reply(worker, Reply("the store has other shards"))
        assert await receive_reply(supervisor) == Reply("the store has other shards")
    with trio.fail_after(5):
        await wait_for_end(worker)
    await worker.aclose()


async def test_a_worker_that_ends_without_a_word_has_no_reply() -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    async with stream_of(ours) as supervisor:
        assert await receive_reply(supervisor) is None
