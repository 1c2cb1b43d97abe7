"""Celery with threads and requests, a session for each thread; results ignored, no events, no heartbeats."""

import os
import threading

# Lives in an environment of its own (queue_peers.py), not in the project's.
import requests
from celery import Celery  # type: ignore[import-not-found,unused-ignore]

from loadtests.bench.peers.queue_work import SETTINGS, URL, body, check, wait_for_end, wait_for_start

app = Celery("pushes", broker=f"redis+socket://{SETTINGS['socket']}")
app.conf.update(
    task_default_queue=SETTINGS["run"],
    task_ignore_result=True,
    worker_prefetch_multiplier=4,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    broker_connection_retry_on_startup=True,
)
mine = threading.local()
lock = threading.Lock()
left = SETTINGS["count"]


@app.task  # type: ignore[untyped-decorator,unused-ignore]
def push(number: int) -> None:
    global left  # noqa: PLW0603 – the state of a script
    if not hasattr(mine, "session"):
        mine.session = requests.Session()
        mine.session.trust_env = False
    check(mine.session.post(URL, data=body(number), timeout=30).json())
    with lock:
        left -= 1
        last = not left
    if last:
        wait_for_end()
        os._exit(0)


for each in range(SETTINGS["count"]):
    push.delay(each)
wait_for_start()
app.Worker(
    pool="threads",
    concurrency=SETTINGS["concurrency"],
    loglevel="ERROR",
    without_gossip=True,
    without_mingle=True,
    without_heartbeat=True,
    quiet=True,
).start()
