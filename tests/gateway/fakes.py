"""The store as the gateway's handlers see it, in memory; it can be slow, and it can be gone."""

from collections.abc import Callable, Iterable, Sequence

import trio

from gateway.http.messages import Request, Response
from gateway.pushes.batch_reader import BatchReader
from gateway.pushes.pictures.gallery import Gallery
from gateway.pushes.pictures.settings import PictureSettings
from gateway.pushes.reader import PushReader
from gateway.settings import Upstream
from queues.account import Account
from queues.errors import StoreUnavailableError
from queues.event import CallbackEvent
from queues.ids import IdSeries, make_id
from queues.limits.holds import Hold
from queues.limits.quota import Quota
from queues.limits.upstream_rate import Charge
from queues.push import Accepted, NewPush, Push, PushStatus, State
from queues.pushes.dead import DeadFilter, DeadPage
from queues.pushes.pictures import digest_of
from queues.pushes.request_keys import BoundRequest, RequestKey


class FakeStore:
    def __init__(self) -> None:
        self.gone = False
        self.delay = 0.0
        self.calls = 0
        self.events: dict[bytes, CallbackEvent] = {}
        self.statuses: dict[str, PushStatus] = {}
        self.pushes: list[NewPush] = []
        self.keys: dict[tuple[str, str], str] = {}
        self.charged: dict[str, int] = {}
        self.now = 0.0
        self.holds: list[Hold] = []
        self.requests: dict[tuple[str, str], BoundRequest] = {}

    async def answer(self) -> None:
        self.calls += 1
        await trio.sleep(self.delay)
        if self.gone:
            raise StoreUnavailableError("gone")

    def hand_in_event(self, event: CallbackEvent, told: Callable[[bool | StoreUnavailableError], None]) -> None:
        self.calls += 1
        if self.gone:
            raise StoreUnavailableError("gone")
        fresh = event.identity not in self.events
        self.events.setdefault(event.identity, event)
        told(fresh)

    async def append_pushes(self, pushes: Sequence[NewPush]) -> list[Accepted]:
        await self.answer()
        self.pushes += pushes
        return [self._append(push) for push in pushes]

    async def bind(self, request: RequestKey, now: float) -> BoundRequest:
        await self.answer()
        number = len(self.requests) + 1
        return self.requests.setdefault((request.upstream, request.key), BoundRequest(now, request.fingerprint, number))

    async def charge(self, upstream: str, pushes: int, per_second: float) -> Charge:
        """Ten pushes at once for each upstream, and no more of them: time stands still here."""
        await self.answer()
        left = 10 - self.charged.get(upstream, 0)
        if left < 1:
            return Charge(admitted=False, left=0, wait_seconds=1 / per_second, full_seconds=10 / per_second)
        self.charged[upstream] = self.charged.get(upstream, 0) + pushes
        return Charge(admitted=True, left=max(0, left - pushes), wait_seconds=0, full_seconds=pushes / per_second)

    async def look(self, push_id: str) -> PushStatus | None:
        await self.answer()
        return self.statuses.get(push_id)

    async def cancel(self, push_id: str) -> State | None:
        await self.answer()
        status = self.statuses.get(push_id)
        if status and status.state in ("queued", "scheduled", "retrying", "parked"):
            self.set_state(push_id, "cancelled")
        return self.statuses[push_id].state if status else None

    async def list_dead(self, wanted: DeadFilter, cursor: str, limit: int) -> DeadPage:
        """Nothing is ever given up here."""
        await self.answer()
        return DeadPage([], "")

    async def look_all(self, push_ids: Sequence[str]) -> list[PushStatus | None]:
        await self.answer()
        return [self.statuses.get(push_id) for push_id in push_ids]

    async def replay(self, push_ids: Sequence[str], *, per_second: float) -> int:
        await self.answer()
        return 0

    async def replay_page(self, wanted: DeadFilter, cursor: str, *, per_second: float) -> tuple[int, str]:
        await self.answer()
        return 0, ""

    async def quota(self, account: Account, apis: Sequence[str]) -> Quota:
        await self.answer()
        return Quota(now=self.now, day_began=0, ledgers=(), holds=self.holds)

    async def resume(self, account: str, *fields: str) -> int:
        await self.answer()
        return 0

    async def ping(self) -> None:
        await self.answer()

    def set_state(self, push_id: str, state: State, **changes: object) -> None:
        status = self.statuses[push_id]
        fields = {name: getattr(status, name) for name in status.__struct_fields__} | {"state": state} | changes
        self.statuses[push_id] = PushStatus(**fields)

    def _append(self, new: NewPush) -> Accepted:
        known = self.keys.get((new.upstream, new.idempotency_key)) if new.idempotency_key else None
        if known and not new.id_number:
            return Accepted(known, "duplicate")
        number = new.id_number
        push_id = make_id(2, new.accepted_at, number) if number else IdSeries(now=new.accepted_at).id(2, 0)
        state: State = "scheduled" if new.send_at > new.accepted_at else "queued"
        if push_id in self.statuses:
            return Accepted(push_id, state, repeated=True)
        self.keys[new.upstream, new.idempotency_key] = push_id
        fields = {name: getattr(new, name) for name in Push.__struct_fields__ if name != "id"}
        self.statuses[push_id] = PushStatus(
            push=Push(id=push_id, **fields),
            state=state,
            attempts=0,
            msgid="",
            error="",
            due_at=new.send_at,
            sent_at=0,
            finished_at=0,
        )
        return Accepted(push_id, state)


def request(
    method: str, path: str, body: bytes = b"", *, query: bytes = b"", headers: dict[bytes, bytes] | None = None
) -> Request:
    return Request(method=method, path=path, query=query, headers=headers or {}, body=body)


async def answered(handle: Callable[..., None], *arguments: object) -> Response:
    """What a handler answers, once it does."""
    responses: list[Response] = []
    there = trio.Event()

    def answer(response: Response) -> None:
        responses.append(response)
        there.set()

    handle(*arguments, answer)
    await there.wait()
    [response] = responses
    return response


class FakeAlbum:
    """Keeps pictures in memory, and has some behind URLs."""

    def __init__(self, **behind: bytes) -> None:
        self.kept: dict[bytes, bytes] = {}
        self.lives: list[float] = []
        self.behind = behind

    async def keep(self, picture: bytes, seconds: float) -> bytes:
        digest = digest_of(picture)
        self.kept[digest] = picture
        self.lives.append(seconds)
        return digest

    async def find(self, digest: bytes) -> bytes | None:
        return self.kept.get(digest)

    async def fetch(self, url: str) -> bytes:
        return self.behind[url]

    def gallery(self, settings: PictureSettings, now: float) -> Gallery:
        return Gallery(settings, fetch=self.fetch, keep=self.keep, find=self.find, clock=lambda: now)


def empty_gallery() -> Gallery:
    return FakeAlbum().gallery(PictureSettings(), 0)


def batch_readers(
    upstreams: Iterable[Upstream], accounts: Sequence[Account], clock: Callable[[], float]
) -> dict[str, BatchReader]:
    """A reader for each upstream, by its name; there are no pictures."""
    take_picture = empty_gallery().take
    return {
        upstream.name: BatchReader(PushReader(upstream, accounts), take_picture=take_picture, clock=clock)
        for upstream in upstreams
    }
