"""One reading of the store a second."""

import trio

from gateway.admission import Admission
from gateway.pushes.admission import PushAdmission
from gateway.pushes.backlog_watch import LOOK_SECONDS, watch_backlog
from gateway.settings import ServerSettings
from queues.account import Account
from queues.errors import StoreUnavailableError
from queues.readings.backlog import Backlog


async def test_readings_follow_the_store_and_outlast_its_absence(nursery, autojump_clock):
    admission = PushAdmission(ServerSettings(max_queued=10), [Account(name="city", app_id="wx1")], Admission(256, b""))
    answers = [Backlog({"city:template": 10}, 0), None, Backlog({}, 0)]
    asked = []

    async def read() -> Backlog:
        asked.append(trio.current_time())
        if (answer := answers[len(asked) - 1] if len(asked) <= len(answers) else answers[-1]) is None:
            raise StoreUnavailableError("gone")
        return answer

    def is_full() -> bool:
        return admission.refuses_any(["city"], trio.current_time()) is not None

    nursery.start_soon(watch_backlog, read, admission)
    await trio.testing.wait_all_tasks_blocked()
    assert is_full()
    await trio.sleep(LOOK_SECONDS * 1.5)
    assert is_full(), "the store does not answer: the last reading holds for a while"
    await trio.sleep(LOOK_SECONDS)
    assert not is_full()
    assert asked == [0, LOOK_SECONDS, 2 * LOOK_SECONDS]
