"""Token sources of several processes against a store in memory, on a mock clock."""

import itertools
import json
import random
from collections.abc import Callable
from itertools import pairwise

import httpx
import pytest
import trio
import trio.testing
from msgspec.structs import replace

from pushers.tokens.source import KEEP_SECONDS, LEASE_SECONDS, TokenSource
from queues.account import Account
from queues.errors import StoreUnavailableError
from queues.secret import Secret
from queues.token import TokenState


class SharedTokens:
    """What queues.token and queues.limits.rate do, for one account."""

    def __init__(self) -> None:
        self.token = ""
        self.refresher = ""
        self.expires = self.lease = 0.0
        self.stopped: list[tuple[str, float]] = []
        self.available = True

    def _check(self) -> float:
        if not self.available:
            raise StoreUnavailableError("away")
        return trio.current_time()

    async def ask_token(
        self,
        _store: object,
        _account: str,
        *,
        caller: str,
        failed: str = "",
        ahead_seconds: float,
        lease_seconds: float,
    ) -> TokenState:
        now = self._check()
        await trio.lowlevel.checkpoint()
        if self.token and (self.expires <= now or self.token == failed):
            self.token, self.expires = "", 0.0
        left = max(self.expires - now, 0.0)
        refresh = left < ahead_seconds and self.lease <= now
        if refresh:
            self.lease, self.refresher = now + lease_seconds, caller
        return TokenState(token=self.token, expires_in=left, refresh=refresh, retry_in=max(self.lease - now, 0.0))

    async def keep_refresh(self, _store: object, _account: str, *, caller: str, lease_seconds: float) -> bool:
        now = self._check()
        await trio.lowlevel.checkpoint()
        if kept := self.refresher == caller:
            self.lease = now + lease_seconds
        return kept

    async def publish_token(self, _store: object, _account: str, token: str, expires_in: float, *, caller: str) -> bool:
        now = self._check()
        await trio.lowlevel.checkpoint()
        if published := self.refresher == caller:
            self.token, self.expires, self.lease, self.refresher = token, now + expires_in, 0.0, ""
        return published

    async def postpone_refresh(self, _store: object, _account: str, seconds: float, *, caller: str) -> None:
        now = self._check()
        if self.refresher == caller:
            self.lease, self.refresher = now + seconds, ""

    async def stop_account(self, _store: object, _account: str, reason: str, seconds: float) -> bool:
        self.stopped.append((reason, seconds))
        return len(self.stopped) == 1

    async def bring_credentials(self, _store: object, _account: str, _credentials: bytes) -> bool:
        self._check()
        return False


class Endpoint:
    """The platform's stable_token, as documented; `answer` replaces it."""

    def __init__(self) -> None:
        self.requests: list[bool] = []
        self.silent = False
        self.seconds = 0.1
        self.number = 1
        self.expires = 0.0
        self.answer: Callable[[], httpx.Response] | None = None

    async def handle(self, request: httpx.Request) -> httpx.Response:
        await trio.sleep(3600 if self.silent else self.seconds)
        classic = request.url.path == "/cgi-bin/token"
        forced = classic or json.loads(request.content)["force_refresh"]
        self.requests.append(forced)
        if self.answer is not None:
            return self.answer()
        if forced or self.expires - trio.current_time() <= 300:
            self.number += bool(self.expires)
            self.expires = trio.current_time() + 7200
        left = int(self.expires - trio.current_time())
        return httpx.Response(200, json={"access_token": f"t{self.number}", "expires_in": left})


@pytest.fixture
def shared(monkeypatch) -> SharedTokens:
    shared = SharedTokens()
    names = ("ask_token", "keep_refresh", "publish_token", "postpone_refresh", "stop_account", "bring_credentials")
    for name in names:
        monkeypatch.setattr(f"pushers.tokens.source.{name}", getattr(shared, name))
    return shared


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint()


@pytest.fixture
def start(shared, endpoint, nursery) -> Callable[[], TokenSource]:
    account = Account(name="city", app_id="wx1", app_secret=Secret("hush"))
    client = httpx.AsyncClient(transport=httpx.MockTransport(endpoint.handle))
    seeds = itertools.count()

    def start(*, classic: bool = False, within: trio.Nursery = nursery) -> TokenSource:
        seed = next(seeds)
        source = TokenSource(
            replace(account, classic_token=classic),
            None,  # type: ignore[arg-type]  # `shared` stands in for what is done with it
            client,
            random.Random(seed),
            name=f"process-{seed}",
        )
        within.start_soon(source.run)
        return source

    return start


async def test_many_processes_and_one_refresh(start, endpoint, autojump_clock):
    sources = [start() for _ in range(8)]
    for source in sources:
        await source.available()
    assert {source.token for source in sources} == {"t1"}
    assert endpoint.requests == [False]


async def test_the_token_is_renewed_before_it_ends_and_nobody_ever_lacks_one(start, endpoint, autojump_clock):
    sources = [start() for _ in range(3)]
    for source in sources:
        await source.available()
    for _ in range(400):
        await trio.sleep(60)
        assert all(source.token for source in sources)
    assert len(endpoint.requests) == endpoint.number == 4  # in 24,000 s


async def test_a_refresher_that_died_is_replaced_as_soon_as_its_lease_ends(start, endpoint, autojump_clock):
    async with trio.open_nursery() as process:
        start(within=process)
        await trio.sleep(0.05)  # it has asked, and the platform has not answered
        others = [start() for _ in range(3)]
        await trio.sleep(0.01)
        process.cancel_scope.cancel()
    died = trio.current_time()
    for source in others:
        await source.available()
    assert trio.current_time() - died <= LEASE_SECONDS + KEEP_SECONDS + 0.2


async def test_one_that_waits_long_for_the_platform_is_not_replaced(start, endpoint, autojump_clock):
    endpoint.seconds = 9.0
    sources = [start() for _ in range(3)]
    for source in sources:
        await source.available()
    assert endpoint.requests == [False]


async def test_one_that_was_frozen_and_replaced_takes_what_the_other_made(start, shared, endpoint, autojump_clock):
    frozen = start()
    await trio.sleep(0.05)
    shared.refresher, shared.token, shared.expires = "another", "newer", 7200.0
    await trio.sleep(0.5)
    assert (shared.token, frozen.token) == ("newer", "newer")


async def test_a_refused_token_is_replaced_once_for_all(start, endpoint, autojump_clock):
    sources = [start() for _ in range(4)]
    for source in sources:
        await source.available()
    endpoint.expires = 0.1  # the platform ended it early
    for source in sources:
        for _ in range(50):
            source.fail("t1")
    for source in sources:
        await source.available()
    assert {source.token for source in sources} == {"t2"}
    assert endpoint.requests == [False, False]


async def test_a_refusal_of_an_older_token_changes_nothing(start, endpoint, autojump_clock):
    source = start()
    await source.available()
    source.fail("t0")
    source.fail("")
    assert source.token == "t1"
    await trio.sleep(10)
    assert endpoint.requests == [False]


async def test_a_token_refused_but_still_current_is_forced_once(start, endpoint, autojump_clock):
    source = start()
    await source.available()
    source.fail("t1")
    await source.available()
    assert source.token == "t2"
    assert endpoint.requests == [False, False, True]


async def test_the_classic_endpoint_makes_a_new_token_each_time_so_refusals_are_answered_at_a_distance(
    start, endpoint, autojump_clock
):
    source, fetched = start(classic=True), []
    for _ in range(6):
        await source.available()
        fetched.append(trio.current_time())
        source.fail(source.token)  # as when another program fetches tokens of this account, too
    distances = [b - a for a, b in pairwise(fetched[1:])]
    assert all(distance >= 29 for distance in distances)
    assert distances[-1] > distances[0]


async def test_forced_refreshes_keep_their_distance(start, endpoint, autojump_clock):
    source = start()
    forced = []
    for _ in range(6):
        await source.available()
        forced.append(trio.current_time())
        source.fail(source.token)
    distances = [b - a for a, b in pairwise(forced[1:])]
    assert all(distance >= 29 for distance in distances)
    assert distances[-1] > distances[0]


@pytest.mark.parametrize(
    ("errcode", "seconds"), [(40001, 300), (40164, 300), (61004, 300), (89507, 3600), (89506, 86_400)]
)
async def test_what_a_person_must_mend_stops_the_account_without_a_loop(
    start, shared, endpoint, errcode, seconds, autojump_clock
):
    endpoint.answer = lambda: httpx.Response(200, json={"errcode": errcode, "errmsg": "invalid rid: 1-2"})
    sources = [start() for _ in range(3)]
    await trio.sleep(60)
    autojump_clock.jump(seconds - 120)
    await trio.sleep(59)
    assert shared.stopped == [(f"errcode {errcode}: invalid", seconds)]
    assert endpoint.requests == [False]
    assert not any(source.token for source in sources)


async def test_an_account_mended_meanwhile_goes_on_by_itself(start, endpoint, autojump_clock):
    endpoint.answer = lambda: httpx.Response(200, json={"errcode": 40164, "errmsg": "invalid ip 10.0.0.1"})
    source = start()
    await trio.sleep(200)
    endpoint.answer = None
    await source.available()
    assert 300 <= trio.current_time() < 310


async def test_an_account_resumed_by_hand_has_its_token_within_seconds(start, shared, endpoint, autojump_clock):
    endpoint.answer = lambda: httpx.Response(200, json={"errcode": 40125, "errmsg": "invalid appsecret"})
    source = start()
    await trio.sleep(60)
    endpoint.answer = None
    shared.lease = 0.0
    await source.available()
    assert trio.current_time() <= 66


async def test_an_endpoint_that_is_away_is_asked_less_and_less_and_the_token_kept(start, endpoint, autojump_clock):
    source = start()
    await source.available()
    before = len(endpoint.requests)

    def away() -> httpx.Response:
        raise httpx.ConnectError("no route")

    endpoint.answer = away
    source.fail("t1")
    await trio.sleep(3600)
    assert 50 < len(endpoint.requests) - before < 200
    endpoint.answer = None
    await source.available()


async def test_a_silent_endpoint_is_given_up_and_asked_again(start, endpoint, autojump_clock):
    endpoint.silent = True
    source = start()
    await trio.sleep(9)
    assert len(endpoint.requests) == 0
    endpoint.silent = False
    await source.available()
    assert 10 <= trio.current_time() < 20


async def test_without_the_store_the_cached_token_serves_until_it_ends(start, shared, endpoint, autojump_clock):
    source = start()
    await source.available()
    shared.available = False
    await trio.sleep(30)
    autojump_clock.jump(6940)
    await trio.sleep(30)
    assert source.token == "t1"
    await trio.sleep(300)
    assert source.token == ""
    shared.available = True
    await source.available()
    assert source.token == "t2"


async def test_a_token_that_is_always_short_lived_is_not_asked_for_in_a_loop(start, endpoint, autojump_clock):
    endpoint.answer = lambda: httpx.Response(200, json={"access_token": "short", "expires_in": 60})
    start()
    await trio.sleep(600)
    assert len(endpoint.requests) <= 21
