"""Takes pushes of one feed, and claims them for this process."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from queues import scripts
from queues.account import RecipientLimit
from queues.codec import ended_in, push_in
from queues.keys import WAKE_CHANNEL
from queues.limits.rate import HeldTemplate
from queues.push import RETAIN_SECONDS, Claim, Ended
from queues.scripts import Call
from queues.store import Store
from queues.unreadable import report_pushes

MOST = 1_000  # a call; a Lua stack holds 8,000 values
LONGEST_ASIDE_SECONDS = 600.0
"""A push of a template that rests is looked at again this often: an operator may have ended the hold."""


class Taken(Struct, frozen=True):
    """What one call took; in the `emptied` shards the feed has nothing left.

    `dropped` ended on the way: they had expired, or their recipients are suppressed.
    """

    claims: list[Claim]
    dropped: list[Ended]
    emptied: frozenset[int]


class Terms(Struct, frozen=True, kw_only=True):
    """What may be taken.

    At most `ordinary` pushes that are not of high priority (None: any number); none of the `held` templates, but one
    where it may be tried; for each recipient no more than `recipient` allows.
    """

    ordinary: int | None = None
    held: Sequence[HeldTemplate] = ()
    recipient: RecipientLimit = RecipientLimit()


class TakeRequest(Struct, frozen=True, kw_only=True):
    """Up to `counts[shard]` (at most `MOST`) pushes of each shard, fairly over its upstreams and by priority.

    What the terms forbid now is put aside until it may go.
    """

    feed: str
    counts: Mapping[int, int]
    claim_seconds: float
    terms: Terms = Terms()
    retain_seconds: float = RETAIN_SECONDS

    def calls(self, store: Store) -> list[Call]:
        script = scripts.load("take")
        claim_ms, retain_ms = int(self.claim_seconds * 1000), int(self.retain_seconds * 1000)
        recipient = self.terms.recipient
        ordinary, calls = self.terms.ordinary, list[Call]()
        for shard, count in self.counts.items():
            keys = store.keys[shard]
            most = min(count, MOST)
            arguments = (
                keys.prefix,
                self.feed,
                most,
                claim_ms,
                retain_ms,
                most if ordinary is None else min(most, ordinary),
                WAKE_CHANNEL,
                shard,
                int(recipient.gap_seconds * 1000),
                recipient.per_day,
                *_resting(self.terms.held, probing=not calls),
            )
            ordinary = None if ordinary is None else max(0, ordinary - most)
            fixed = (keys.claims, keys.work, keys.feed_work(self.feed), keys.suppressed, keys.later)
            calls.append(Call(script, fixed, arguments))
        return calls

    def read(self, asked: float, results: Sequence[Any]) -> Taken:
        """The scripts' answers, to calls made at `asked` (monotonic).

        A push that this program cannot read stays claimed: when the claim ends one of another version may take it, and
        what nobody settles is dead in the end (`sweep.lua`).
        """
        until = asked + self.claim_seconds
        claims: list[Claim] = []
        dropped: list[Ended] = []
        emptied = set()
        left: list[bytes] = []
        for shard, (none_left, claimed, ended, set_aside) in zip(self.counts, results, strict=True):
            if none_left == b"1":
                emptied.add(shard)
            for row in _rows(claimed):
                if claim := _claim(row, until):
                    claims.append(claim)
                else:
                    left.append(row[0])
            dropped += ended_in(ended)
            report_pushes(set_aside, "dead")
        report_pushes(left, "left to another version until their claims end")
        return Taken(claims, dropped, frozenset(emptied))


def _resting(held: Sequence[HeldTemplate], *, probing: bool) -> Iterator[object]:
    """The script's words for templates that rest; only one of the shards may let one through."""
    for each in held:
        yield each.template
        yield int(min(each.seconds, LONGEST_ASIDE_SECONDS) * 1000)
        yield int(probing and each.probe)


def _claim(row: Sequence[Any], until: float) -> Claim | None:
    push_id, number, attempts, queue, payload = row
    push = push_in(push_id, queue, payload)
    return Claim(push=push, number=number, attempts=attempts, until=until) if push else None


def _rows(flat: list[Any]) -> Iterator[list[Any]]:
    """Id, claim number, attempts, queue and payload of each claim."""
    return (flat[i : i + 5] for i in range(0, len(flat), 5))
