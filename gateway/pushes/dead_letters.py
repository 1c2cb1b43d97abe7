"""`/v1/dead`: what was given up, and another try for it.

An upstream sees its own pushes; one with `operator = true` those of all upstreams. Both only through their accounts.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

import structlog
import trio
from msgspec import Struct

from gateway.authorization import Keyring
from gateway.http.messages import Request, Response, json_response
from gateway.http.problem import answering
from gateway.operation import Operation
from gateway.pushes.dead_query import Choice, ListQuestion, ReplayQuestion, not_understood, read_query, read_replay
from gateway.pushes.status import PushView, push_view
from gateway.settings import Upstream
from gateway.store_trouble import store_answers_within
from queues.push import PushStatus
from queues.pushes.dead import BadCursorError, DeadFilter, DeadPage

log = structlog.get_logger()

LIST_SECONDS = 5.0
REPLAY_SECONDS = 2.0
"""A replay by filter stops after this long and says where to go on, so that no request takes minutes."""
_REPEAT = "some may be replayed: repeating is safe, and replays only the others"


class ReplayPage(Protocol):
    """`queues.pushes.dead.replay_matching` with its store."""

    def __call__(self, wanted: DeadFilter, cursor: str, *, per_second: float) -> Awaitable[tuple[int, str]]: ...


class ReplayIds(Protocol):
    """`queues.pushes.dead.replay_dead` with its store."""

    def __call__(self, push_ids: Sequence[str], *, per_second: float) -> Awaitable[int]: ...


class DeadView(Struct, frozen=True):
    """A page; `next` is the cursor of the one after it, empty at the end."""

    pushes: list[PushView]
    next: str


class ReplayView(Struct, frozen=True):
    """How many were replayed; `next` is the cursor to go on from, empty when all that was asked for is done."""

    replayed: int
    next: str


LIST = Operation(
    id="listDead",
    method="GET",
    path="/v1/dead",
    summary="What was given up, the last first.",
    upstream=True,
    query=ListQuestion,
    answers={200: DeadView},
    problems=(400, 503),
)
REPLAY = Operation(
    id="replayDead",
    method="POST",
    path="/v1/dead/replay",
    summary="Another try for what was given up: by ids, by a filter, or all.",
    upstream=True,
    bodies={"application/json": ReplayQuestion},
    answers={200: ReplayView},
    problems=(400, 413, 503),
)


class DeadLetters:
    """Answers for what was given up. `page`, `look` and the two replays are the store's."""

    def __init__(
        self,
        keyring: Keyring,
        *,
        page: Callable[[DeadFilter, str, int], Awaitable[DeadPage]],
        look: Callable[[Sequence[str]], Awaitable[list[PushStatus | None]]],
        replay_ids: ReplayIds,
        replay_page: ReplayPage,
    ) -> None:
        self._keyring = keyring
        self._page = page
        self._look = look
        self._replay_ids = replay_ids
        self._replay_page = replay_page

    @answering
    async def show(self, request: Request) -> Response:
        """`GET /v1/dead`: a page of dead pushes, the last given up first."""
        upstream = self._keyring.admit(request.headers)
        asked = read_query(request.query)
        with _known_cursor(), store_answers_within(LIST_SECONDS, "nothing was changed; ask again"):
            page = await self._page(_filter(upstream, asked), asked.cursor, asked.limit)
        return json_response(DeadView([push_view(status) for status in page.pushes], page.next))

    @answering
    async def replay(self, request: Request) -> Response:
        """`POST /v1/dead/replay`: 200 with how many wait for another try now; asking twice replays nothing twice."""
        upstream = self._keyring.admit(request.headers)
        asked = read_replay(request.body)
        if asked.ids is not None:
            done = ReplayView(await self._replay_chosen(upstream, asked.ids, asked.per_second), "")
        else:
            done = await self._replay_filtered(_filter(upstream, asked), asked.cursor, asked.per_second)
        log.info("dead pushes replayed", upstream=upstream.name, count=done.replayed)
        return json_response(done)

    async def _replay_chosen(self, upstream: Upstream, ids: Sequence[str], per_second: float) -> int:
        with store_answers_within(LIST_SECONDS, _REPEAT):
            statuses = await self._look(ids)
            own = [
                status.push.id
                for status in statuses
                if status and upstream.looks_after(status.push.upstream, status.push.account)
            ]
            return await self._replay_ids(own, per_second=per_second)

    async def _replay_filtered(self, wanted: DeadFilter, cursor: str, per_second: float) -> ReplayView:
        stop_at = trio.current_time() + REPLAY_SECONDS
        replayed = 0
        while True:
            with _known_cursor(), store_answers_within(LIST_SECONDS, _REPEAT):
                count, cursor = await self._replay_page(wanted, cursor, per_second=per_second)
            replayed += count
            if not cursor or trio.current_time() >= stop_at:
                return ReplayView(replayed, cursor)


@contextmanager
def _known_cursor() -> Iterator[None]:
    try:
        yield
    except BadCursorError as error:
        raise not_understood(str(error)) from error


def _filter(upstream: Upstream, asked: Choice) -> DeadFilter:
    if asked.account and not upstream.may_use(asked.account):
        # One answer for unknown and for not allowed: names are not told around.
        raise not_understood("account: not an account this upstream may use")
    return DeadFilter(
        upstream="" if upstream.operator else upstream.name,
        accounts=(asked.account,) if asked.account else upstream.accounts,
        error=asked.error,
        after=asked.after.timestamp() if asked.after else 0,
        before=asked.before.timestamp() if asked.before else 0,
    )
