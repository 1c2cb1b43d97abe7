"""No window sees more of a template than its rate, no day more or less than its share: whatever is asked, and when."""

import msgpack
import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queues import scripts
from queues.account import TemplateLimit
from queues.keys import seats, templates
from queues.limits.rate import interval_us
from queues.scripts import Call

KEY = templates("city", "template")
GOOD_US = 14_900
"""So long after its moment a seat may be used."""
ACCOUNT_RATE = 50
"""Tokens a second of the account."""


class Store:
    """Asks a real store for seats of templates, with a clock of its own for the moments of tokens."""

    def __init__(self, client: redis.Redis, **limits: TemplateLimit) -> None:
        self._client = client
        self._limits = limits
        self._began = client.time()[0] * 1_000_000
        client.flushall()

    def ask(self, moments: list[int], **wanted: int) -> dict[str, list[int]]:
        """Which moments, µs since it began, each template gets a seat for."""
        arguments: list[object] = [msgpack.packb([self._began + each for each in moments]), 0, 0, 0, GOOD_US]
        for template, count in wanted.items():
            limit = self._limits[template]
            arguments += template, count, limit.most, limit.window_ms, limit.per_day
        names = (KEY, *(seats("city", "template", template) for template in wanted))
        [(_now, answers)] = scripts.run(self._client, [Call(scripts.load("give_seats"), names, arguments)])
        return {
            template: [moment - self._began if moment else 0 for moment in given]
            for template, (given, *_) in zip(wanted, answers, strict=True)
        }

    def turn_day(self) -> None:
        for template in self._limits:
            if value := self._client.hget(KEY, template):
                day, *rest = msgpack.unpackb(value)
                self._client.hset(KEY, template, msgpack.packb([day - 1, *rest]))


@pytest.fixture
def client(store_url):
    with redis.Redis.from_url(store_url) as client:
        yield client


on_a_store = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
asks = st.lists(
    st.tuples(st.integers(0, 20_000_000), st.lists(st.integers(0, 400_000), max_size=30), st.integers(0, 40)),
    min_size=1,
    max_size=40,
)
"""Where the tokens of a process begin, their distances, and how many pushes it has: in any order of moments."""


@on_a_store
@given(per_second=st.sampled_from([0.2, 1, 1.5, 7, 40]), asks=asks, late=st.lists(st.integers(0, GOOD_US - 1)))
def test_no_window_sees_more_than_the_rate(client, per_second, asks, late):
    limit = TemplateLimit(per_second=per_second)
    store, given = Store(client, T=limit), list[int]()
    for begins, distances, wanted in asks:
        given += store.ask([begins + sum(distances[:n]) for n in range(len(distances))], T=wanted)["T"]
    sends = sorted(moment + (late[n % len(late)] if late else 0) for n, moment in enumerate(given))
    for begins in sends:
        assert sum(begins <= send < begins + limit.window_ms * 1000 for send in sends) <= limit.most


@on_a_store
@given(
    per_second=st.integers(1, ACCOUNT_RATE),
    slices=st.lists(st.integers(1, 8), min_size=80, max_size=80),
    swapped=st.lists(st.booleans(), min_size=40, max_size=40),
)
def test_of_the_tokens_of_each_second_all_that_the_rate_allows_are_used(client, per_second, slices, swapped):
    """Processes lease slices of the tokens, and may ask for a later slice before an earlier one."""
    store = Store(client, T=TemplateLimit(per_second=per_second))
    leased, first = list[list[int]](), 0
    for count in slices:
        leased.append([round((first + n) * interval_us(ACCOUNT_RATE)) for n in range(count)])
        first += count
    given = 0
    for *pair, swap in zip(leased[::2], leased[1::2], swapped, strict=False):
        for moments in reversed(pair) if swap else pair:
            given += len(store.ask(moments, T=1000)["T"])
    assert given >= per_second * (first // ACCOUNT_RATE)


@on_a_store
@given(wanted=st.lists(st.integers(1, 40), min_size=2, max_size=3))
def test_templates_take_turns_at_the_tokens_there_are(client, wanted):
    names = "TUV"[: len(wanted)]
    store = Store(client, **dict.fromkeys(names, TemplateLimit(per_second=40)))
    given = store.ask(list(range(0, 30 * 5000, 5000)), **dict(zip(names, wanted, strict=True)))
    assert sum(map(len, given.values())) == min(30, sum(wanted))
    fair = 30 // len(wanted)
    assert all(len(given[name]) >= min(fair, count) for name, count in zip(names, wanted, strict=True))
    assert len({moment for some in given.values() for moment in some}) == min(30, sum(wanted)), "a token serves one"


@on_a_store
@given(per_day=st.integers(1, 100), days=st.lists(st.lists(st.integers(1, 40), max_size=8), min_size=1, max_size=4))
def test_a_days_share_is_exact(client, per_day, days):
    store = Store(client, T=TemplateLimit(per_day=per_day))
    for asked in days:
        assert sum(len(store.ask([], T=wanted)["T"]) for wanted in asked) == min(per_day, sum(asked))
        store.turn_day()
