"""No window sees more of a template than its rate, no day more or less than its share: whatever is asked, and when."""

import msgpack
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queues import scripts
from queues.account import TemplateLimit
from queues.keys import templates
from queues.scripts import Call

KEY = templates("city", "template")
LINE_MS = 600_000
GOOD_MS = 100
"""For so long what was let through may be sent."""


class Template:
    """One limited template of a real store whose clock is moved on by moving its past back."""

    def __init__(self, client: redis.Redis, limit: TemplateLimit) -> None:
        self._client = client
        self._limit = limit
        self._moved = 0
        client.delete(KEY)

    def now(self) -> float:
        """In ms."""
        seconds, microseconds = self._client.time()
        return seconds * 1e3 + microseconds / 1e3 + self._moved

    def pass_time(self, ticks: int) -> None:
        tick = -(-self._limit.window_ms // 50)
        self._moved += ticks * tick
        if value := self._client.hget(KEY, "T"):
            day, sent, line, *ring = msgpack.unpackb(value)
            ring = [each - ticks * tick if n % 2 == 0 else each for n, each in enumerate(ring)]
            self._client.hset(KEY, "T", msgpack.packb([day, sent, max(0, line - ticks * tick), *ring]))

    def turn_day(self) -> None:
        if value := self._client.hget(KEY, "T"):
            day, *rest = msgpack.unpackb(value)
            self._client.hset(KEY, "T", msgpack.packb([day - 1, *rest]))

    def ask(self, wanted: int) -> tuple[int, float, float, float]:
        """How many may go; when the others may come: the first and the last one at most, and the step, in ms."""
        limit = self._limit
        arguments = (GOOD_MS, "T", wanted, limit.most, limit.window_ms, limit.per_day)
        [[_now, [[granted, first, step, last]]]] = scripts.run(
            self._client, [Call(scripts.load("charge_templates"), (KEY,), arguments)]
        )
        return granted, first, last, step / 1000


asks = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 40), st.integers(0, GOOD_MS)), min_size=1, max_size=40)
"""Ticks that pass, pushes that are asked for, and how many ms later they are sent."""
on_a_store = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@on_a_store
@given(per_second=st.sampled_from([0.2, 1, 1.5, 7, 40]), asks=asks)
def test_no_window_sees_more_than_the_rate(store_url, per_second, asks):
    limit = TemplateLimit(per_second=per_second)
    with redis.Redis.from_url(store_url) as client:
        template = Template(client, limit)
        sends: list[tuple[float, float]] = []  # each was sent between these
        for ticks, wanted, late in asks:
            template.pass_time(ticks)
            before = template.now()
            granted, first, last, _ = template.ask(wanted)
            assert granted == wanted or 0 < first <= last, "what may not go has a moment to come"
            sends += [(before + late, template.now() + late)] * granted
    for begins, _ in sends:
        window = sum(begins <= earliest and latest < begins + limit.window_ms for earliest, latest in sends)
        assert window <= limit.most


@on_a_store
@given(per_second=st.sampled_from([0.2, 1, 7, 40]), wanted=st.integers(1, 100))
def test_what_waits_comes_back_to_a_free_place(store_url, per_second, wanted):
    """The first one at its moment finds one free, and in a line of its own so does each after it."""
    limit = TemplateLimit(per_second=per_second)
    with redis.Redis.from_url(store_url) as client:
        template = Template(client, limit)
        template.ask(limit.most)
        _, first, _, step = template.ask(min(wanted, int(LINE_MS / (1000 / per_second))))
        tick = -(-limit.window_ms // 50)
        template.pass_time(int(first // tick) + 1)
        assert template.ask(1)[0] == 1
        for _ in range(5):
            template.pass_time(int(step // tick) + 1)
            assert template.ask(1)[0] == 1


@on_a_store
@given(per_day=st.integers(1, 100), days=st.lists(st.lists(st.integers(1, 40), max_size=8), min_size=1, max_size=4))
def test_a_days_share_is_exact(store_url, per_day, days):
    with redis.Redis.from_url(store_url) as client:
        template = Template(client, TemplateLimit(per_day=per_day))
        for asked in days:
            assert sum(template.ask(wanted)[0] for wanted in asked) == min(per_day, sum(asked))
            template.turn_day()
