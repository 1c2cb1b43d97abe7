"""No window of a second ever sees more sends than the rate: whatever the processes, delays, stalls and deaths."""

from hypothesis import given
from hypothesis import strategies as st

from pushers.allowance import Allowance
from queues.account import ApiLimit
from queues.connection.clock import StoreClock
from queues.limits.rate import AHEAD_SECONDS, LeaseRequest, interval_us, slice_size

SET_TO = 1_714_112_445.25  # what the store's clock shows when ours shows 0


class Store:
    """The arithmetic of lease.lua."""

    def __init__(self, per_second: float) -> None:
        self._interval = interval_us(per_second)
        self._most = slice_size(per_second)
        self._next = 0.0

    def lease(self, now: float, wanted: int, lead: float) -> list[object]:
        clock = int((now + SET_TO) * 1e6)
        first, latest = max(self._next, clock + int(lead * 1e6)), clock + AHEAD_SECONDS * 1e6
        granted = min(wanted, self._most, int((latest - first) // self._interval) + 1)
        if granted <= 0:
            return [0, 0, b"rate", 0, b"", -1, []]
        self._next = first + granted * self._interval
        return [granted, 0, b"granted", 0, b"", -1, [], clock, int(-((clock - first) // 1)), self._interval * 1000]


class Process:
    """One pusher that has all the pushes it may send."""

    def __init__(self, per_second: float) -> None:
        self._limit = ApiLimit(per_second=per_second)
        self._clock = StoreClock()
        self._allowance = Allowance()

    def ask(self, store: Store, asked: float, there: float, back: float, wanted: int) -> None:
        request = LeaseRequest(account="a", api="template", limit=self._limit, wanted=wanted)
        result = store.lease(asked + there, wanted, min(there + back, AHEAD_SECONDS))
        self._allowance.add(request.read(self._clock, asked, asked + there + back, result))

    def send(self, now: float) -> int:
        return len(self._allowance.spend(now, 1_000_000))


@given(
    per_second=st.integers(1, 3_000),
    turns=st.lists(
        st.tuples(st.integers(0, 2), st.floats(0, 0.1), st.floats(0, 0.05), st.floats(0, 0.05), st.integers(0, 500)),
        min_size=1,
        max_size=150,
    ),
    die=st.booleans(),
)
def test_no_window_of_a_second_ever_sees_more_than_the_rate(per_second, turns, die):
    store, processes = Store(per_second), [Process(per_second) for _ in range(3)]
    sends: list[float] = []
    now = 1.0
    for number, pause, there, back, wanted in turns:
        now += pause
        sends += [now] * processes[number].send(now)
        processes[number].ask(store, now, there, back, wanted)
        now += there + back
        sends += [now] * processes[number].send(now)
        if die and wanted % 50 == 0:
            processes[number] = Process(per_second)  # what it had leased is gone
    for i, start in enumerate(sends):
        assert sum(1 for later in sends[i : i + per_second + 1] if later < start + 1 - 1e-6) <= per_second


@given(per_second=st.integers(5, 3_000), there=st.floats(0.0005, 0.004), back=st.floats(0.0005, 0.004))
def test_a_healthy_process_uses_nearly_all_of_the_rate(per_second, there, back):
    store, process = Store(per_second), Process(per_second)
    sent, now = 0, 0.0
    while now < 3:
        process.ask(store, now, there, back, 500)
        for _ in range(3):
            now += 0.004
            sent += process.send(now)
    assert sent >= 0.98 * per_second * now - 2
