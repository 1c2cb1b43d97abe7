"""Sends one claimed push after another on lanes of its own; `concluder.py` says what became of each.

How it works: a fixed set of tasks run `serve`, each with one lane an origin. The channel makes the body of a request,
the destination its head. Just before the write the clock is looked at: a claim that may outlive its time, or whose
slice of the rate has run out, is released unsent, so a process that was frozen sends nothing that another has.
"""

import ssl
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping

import httpx
import structlog
import trio
from msgspec import structs
from prometheus_client import Histogram

from monitoring.names import PUSH_SEND_SECONDS, PUSH_WAIT_SECONDS
from pushers.channels.channel import Channel, show_picture
from pushers.concluder import Concluder
from pushers.job import Finished, Job
from pushers.lanes.answer_watch import AnswerWatch
from pushers.lanes.lane import Lane, StaleConnectionError, Timeouts, nothing_sent
from pushers.lanes.origin import Origin
from pushers.pictures import LOOK_AGAIN_SECONDS as PICTURE_SECONDS
from pushers.pictures import Courier
from pushers.restraints.window_keeper import WindowKeeper
from pushers.room import Room
from pushers.verdict import HOLD_SECONDS, Verdict, unanswered
from queues.errors import StoreUnavailableError
from queues.limits.rate import ON_THE_WAY_SECONDS
from queues.push import Claim

WRITE_SHARE = 0.2
"""Of the seconds a send may take, what the write may; requests of a few hundred bytes are taken at once or never."""
FAULT_SECONDS = 30.0
"""Until a push is tried again that met a fault of ours; another version may be here by then."""

log = structlog.get_logger()


class Sender:
    """What all sender tasks of a process share."""

    def __init__(
        self,
        *,
        channels: Mapping[str, Channel],
        windows: WindowKeeper,
        courier: Courier,
        concluder: Concluder,
        room: Room,
        finished: trio.MemorySendChannel[Finished],
        send_seconds: float,
        tls: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._channels = channels
        self._windows = windows
        self._courier = courier
        self._concluder = concluder
        self._room = room
        self._finished = finished
        self._send_seconds = send_seconds
        self._timeouts = Timeouts(connect=send_seconds, write=send_seconds * WRITE_SHARE, read=None)
        self._watch = AnswerWatch(send_seconds)
        self._tls = tls
        self._clock = clock
        # Looking a metric's child up costs more than observing; as many as accounts x channels x priorities.
        self._observers: dict[tuple[str, str, str], tuple[Histogram, Histogram]] = {}

    async def watch(self) -> None:
        """Give up on answers that are overdue, until cancelled."""
        await self._watch.run()

    async def serve(self, next_job: Callable[[], Awaitable[Job | None]]) -> None:
        """Send until there is no next job. Connections: one an origin."""
        lanes: dict[Origin, Lane] = {}
        try:
            while (job := await next_job()) is not None:
                try:
                    await self._handle(job, lanes)
                finally:
                    self._room.release(job.claim.push.account)
                    job.passage.claimed -= 1
        finally:
            for lane in lanes.values():
                lane.close()

    async def _handle(self, job: Job, lanes: dict[Origin, Lane]) -> None:
        try:
            finished = await self._send(job, lanes)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one push, all others here are in flight
            finished = await self._fail(job, lanes, error)
        try:
            self._finished.send_nowait(finished)
        except trio.WouldBlock:
            await self._finished.send(finished)

    async def _fail(self, job: Job, lanes: dict[Origin, Lane], error: Exception) -> Finished:
        """A fault of ours costs its push an attempt. What its lane may still bring is no other push's answer."""
        for lane in lanes.values():
            lane.close()
        lanes.clear()
        push, fault = job.claim.push, type(error).__name__
        log.error(
            "push failed by a fault of ours", push_id=push.id, channel=push.channel, error=fault, at=_place(error)
        )
        verdict = Verdict(kind="retry", error=f"could not be sent: {fault}", seconds=FAULT_SECONDS, unknown=True)
        return await self._concluder.conclude(job, self._channels.get(push.channel), verdict)

    async def _send(self, job: Job, lanes: dict[Origin, Lane]) -> Finished:
        push = job.claim.push
        channel = self._channels.get(push.channel)
        if channel is None:
            return await self._concluder.conclude(
                job, None, Verdict(kind="dead", error=f"no such channel: {push.channel}")
            )
        if (put_off := self._put_off(job, channel)) is not None:
            return put_off
        token = job.outlet.tokens.token
        if not token and job.outlet.destination(channel.api).needs_token:
            return self._concluder.release(job)
        if not (channel.windowed and job.outlet.account.custom_window):
            return await self._with_picture(job, channel, token, lanes)
        return await self._within_window(job, channel, token, lanes)

    def _put_off(self, job: Job, channel: Channel) -> Finished | None:
        """What may not be sent now, though it was claimed."""
        outlet, push = job.outlet, job.claim.push
        if outlet.curfew is not None and (until := outlet.curfew.holds(push, self._clock())):
            return self._concluder.postpone(job, until, "quiet hours")
        if outlet.held(channel.api):
            return self._concluder.release(job)
        if outlet.rests(channel.api, push):
            return self._concluder.postpone(job, self._clock() + HOLD_SECONDS, "its template rests", "park")
        if job.claim.attempts and (wait := job.passage.retries.admit(trio.current_time())):
            return self._concluder.postpone(job, self._clock() + wait, "its repeat waits for its turn")
        return None

    async def _within_window(self, job: Job, channel: Channel, token: str, lanes: dict[Origin, Lane]) -> Finished:
        push = job.claim.push
        try:
            refusal = await self._windows.refusal(push)
        except StoreUnavailableError:
            return self._concluder.release(job)
        if refusal is not None:
            if (until := self._windows.grace_ends(push)) > self._clock():
                return self._concluder.postpone(job, until, refusal.error)
            job.passage.give_back(push.priority)
            finished = await self._concluder.conclude(job, channel, refusal)
            return structs.replace(finished, verdict=None)  # the platform was not asked: no attempt to count
        finished = await self._with_picture(job, channel, token, lanes)
        await self._windows.note(push, finished.verdict)
        return finished

    async def _with_picture(self, job: Job, channel: Channel, token: str, lanes: dict[Origin, Lane]) -> Finished:
        push = job.claim.push
        if not (push.image and channel.picture_field):
            return await self._deliver(job, channel, token, lanes)
        left = job.claim.until - trio.current_time() - self._send_seconds
        if left <= 0:
            return self._concluder.release(job)
        try:
            brought = await self._courier.bring(job.outlet, push, token, left)
        except StoreUnavailableError:
            return self._concluder.release(job)
        if isinstance(brought, str):
            return await self._deliver(job, channel, token, lanes, media_id=brought)
        if brought is None:
            return self._concluder.postpone(job, self._clock() + PICTURE_SECONDS, "its picture is being uploaded")
        job.passage.give_back(push.priority)
        if brought.kind == "token":
            job.outlet.tokens.fail(token)
        return await self._concluder.conclude(job, channel, brought)

    async def _deliver(
        self, job: Job, channel: Channel, token: str, lanes: dict[Origin, Lane], *, media_id: str = ""
    ) -> Finished:
        push, destination = job.claim.push, job.outlet.destination(channel.api)
        body = channel.body(push)
        if media_id:
            body = show_picture(channel, body, media_id)
        request, origin = destination.request(channel.path(push), token, push, body), destination.origin
        lane = lanes.get(origin)
        if lane is None:
            lane = lanes[origin] = Lane(origin, tls=self._tls)
        began = trio.current_time()
        verdict = await self._ask(job, channel, lane, request)
        if verdict is None:
            return self._concluder.release(job)
        if not job.claim.attempts:
            job.passage.retries.sent(began)
        if verdict.kind == "token":
            job.outlet.tokens.fail(token)
        if media_id:
            verdict = await self._courier.note(push, media_id, verdict)
        return await self._concluder.conclude(job, channel, verdict, trio.current_time() - began)

    async def _ask(self, job: Job, channel: Channel, lane: Lane, request: bytes) -> Verdict | None:
        """The verdict; None if it was too late to send, and nothing was."""
        try:
            while True:
                if not lane.usable():
                    await lane.connect(self._timeouts.connect)
                started = trio.current_time()
                if started > job.send_before or job.claim.until - started <= self._send_seconds:
                    return None
                self._watch.begin(lane, started)
                try:
                    await lane.write(request, self._timeouts.write)
                    # We may have lost our processor just then, and been too late after all.
                    job.passage.late += trio.current_time() > job.send_before + ON_THE_WAY_SECONDS
                    answer = await lane.answer(self._timeouts.read)
                except StaleConnectionError:
                    continue  # happens once at most: the next connection is a new one
                finally:
                    self._watch.end(lane)
                break
        except httpx.TransportError as error:
            return unanswered(f"{type(error).__name__}: {error}", unknown=not nothing_sent(error))
        self._observe(job.claim, trio.current_time() - started)
        return channel.judge(answer.status, answer.body)

    def _observe(self, claim: Claim, seconds: float) -> None:
        push = claim.push
        labels = (push.account, push.channel, push.priority)
        observers = self._observers.get(labels)
        if observers is None:
            observers = (PUSH_SEND_SECONDS.labels(*labels), PUSH_WAIT_SECONDS.labels(*labels))
            self._observers[labels] = observers
        shown = {"push_id": push.id}
        observers[0].observe(seconds, shown)
        if claim.attempts == 0:
            observers[1].observe(max(0.0, self._clock() - seconds - max(push.accepted_at, push.send_at)), shown)


def _place(error: Exception) -> str:
    """Where it was raised: a whole trace would show what it was raised about."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{frame.filename.rpartition('/')[2]}:{frame.lineno}"
