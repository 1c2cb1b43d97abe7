"""What each template of an account may use of a second and of a day, over all processes and shards.

How it works: a template's pushes lie in every shard, and a script of one shard may not count for the others; dividing a
limit by the shards would leave some of a small one unused. So the claims of limited templates are counted in one more
call, for the account, right after they were taken, and those that may not go are set aside until they may. What a
worker that dies had counted is lost to the template: too little is sent for a while, never too much. Between the count
and the send a claim waits for a token of its account's rate and for a lane, so each may be sent only for a while, and
counts until a window after that. Only accounts with such limits pay for the call.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

import trio
from msgspec.structs import replace

from queues import keys, scripts
from queues.account import TemplateLimit
from queues.outcome import Outcome
from queues.push import Claim
from queues.pushes.settler import settle
from queues.scripts import Call
from queues.store import Store

GOOD_SECONDS = 0.1
"""From the count to the send of a claim that waits for no token: the store's answer, and some turns of a busy loop."""
REASON = "its template has had enough for now"


async def admit(
    store: Store,
    api: str,
    limits: Mapping[str, TemplateLimit],
    claims: Sequence[Claim],
    retain_seconds: float,
    *,
    good_seconds: float = GOOD_SECONDS,
) -> list[Claim]:
    """Those of one account's claims that may be sent now, in their order; the others are parked.

    A claim of a limited template may be sent for `good_seconds` from now; more of them leave some of its rate unused.
    Repeats are counted too: the platform sees each send.

    Raises:
        StoreUnavailableError: some may be counted or parked; none may be sent, and they come back when the claims end.
    """
    by_template: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        if (template := claim.push.template_id) in limits:
            by_template[template].append(claim)
    if not by_template:
        return list(claims)
    good_ms = math.ceil(good_seconds * 1000)
    arguments: list[object] = [good_ms]
    for template, wanting in by_template.items():
        limit = limits[template]
        arguments += template, len(wanting), limit.most, limit.window_ms, limit.per_day
    key = keys.templates(claims[0].push.account, api)
    asked = trio.current_time()
    [answer] = await store.run("charge_templates", [Call(scripts.load("charge_templates"), (key,), arguments)])
    now_us, charged = answer
    store.clock.observe(asked, trio.current_time(), now_us / 1e6)
    good_until = store.clock.perhaps_reached(now_us / 1e6 + good_ms / 1000)
    parked: list[Outcome] = []
    for wanting, (granted, first_ms, step_us, last_ms) in zip(by_template.values(), charged, strict=True):
        for place, claim in enumerate(wanting[granted:]):
            # A millisecond more, since those below one are cut off: nothing comes back just before its moment.
            parked.append(_park(claim, (min(first_ms + place * step_us / 1e3, last_ms) + 1) / 1e3))
    if parked:
        await settle(store, parked, retain_seconds)
    aside = {outcome.id for outcome in parked}
    return [
        replace(claim, good_until=good_until) if claim.push.template_id in limits else claim
        for claim in claims
        if claim.push.id not in aside
    ]


def _park(claim: Claim, seconds: float) -> Outcome:
    return Outcome(
        id=claim.push.id,
        number=claim.number,
        kind="park",
        account=claim.push.account,
        recipient=claim.push.recipient,
        delay_seconds=seconds,
        error=REASON,
    )
