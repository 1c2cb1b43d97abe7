"""An attempt as a span in the trace of the request that enqueued its push; the wait before the first one as another."""

from monitoring.traces import Traces
from pushers.verdict import Verdict
from queues.outcome import Outcome


class AttemptTrace:
    """An `AttemptWitness`."""

    def __init__(self, traces: Traces) -> None:
        self._traces = traces

    def record(self, verdict: Verdict, outcome: Outcome, *, seconds: float, ended: float) -> None:
        claim, push = outcome.claim, outcome.claim.push
        if not push.trace:
            return
        began = ended - seconds
        named = {"tidegate.push_id": push.id, "tidegate.account": push.account, "tidegate.channel": push.channel}
        if not claim.attempts:
            due = max(push.accepted_at, push.send_at)
            waited = named | {"tidegate.priority": push.priority}
            self._traces.record(push.trace, "push waits", "wait", due, began, waited, failed=False)
        told = named | {
            "tidegate.attempt": claim.attempts + 1,
            "tidegate.verdict": verdict.kind,
            "tidegate.becomes": outcome.kind,
            "tidegate.rid": verdict.rid,
        }
        if verdict.errcode is not None:
            told |= {"tidegate.errcode": verdict.errcode}
        self._traces.record(push.trace, "send push", "send", began, ended, told, failed=verdict.kind != "sent")
