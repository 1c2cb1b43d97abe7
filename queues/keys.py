"""Every key in the store, built here and nowhere else.

How it works: shard N's keys carry the hash tag `{tgN}`, an account's own keys `{tga:<account>}` and an upstream's
`{tgu:<upstream>}`, so each script touches one Redis Cluster slot. Scripts get the fixed keys in KEYS and build keys
that hold data (a push id, an account) from the shard's prefix.

| key | type | lives |
| --- | --- | --- |
| `tg:meta` | hash | permanent: schema version, number of shards |
| `tg:gauges` | string | a few scrapes: which process shows the store's gauges |
| `{tgN}:events` | stream | permanent; entries trimmed by age, never past an unacknowledged one |
| `{tgN}:seen:<0-2>` | set | permanent: identities of events, in windows of `SEEN_WINDOW_SECONDS`, the current first |
| `{tgN}:seen-since` | string | permanent: when the current window began, seconds |
| `{tgN}:idem:<0-2>` | hash | `IDEMPOTENCY_WINDOW_SECONDS` × 2: upstream and idempotency key → push id, in a ring |
| `{tgN}:work` | set | permanent: feeds (`<account>:<api>`) with a queue that is not empty |
| `{tgN}:work:<account>:<api>` | hash | while not empty: `<upstream>:<priority>` → virtual times, for fair sharing |
| `{tgN}:q:<account>:<api>:<upstream>:<priority>` | list | while not empty: push ids |
| `{tgN}:claims` | zset | while not empty: ids held by a worker, by the end of the claim |
| `{tgN}:later` | zset | while not empty: ids due at a time |
| `{tgN}:expiring` | zset | while not empty: ids that expire at a time, if they wait then |
| `{tgN}:dead` | zset | while not empty; trimmed to `retain_seconds`: ids given up, by time |
| `{tgN}:replay:<account>` | string | until then: when the next replayed push is due, ms |
| `{tgN}:job:<id>` | hash | until `retain_seconds` after it was sent or finished: the push |
| `{tgN}:receipt:<account>:<msgid>` | string | `RECEIPT_SECONDS`: push id; or `!<status>`: it came first |
| `{tgN}:window:<account>:<recipient digest>` | string | until the window closes: its end (ms) and the messages left |
| `{tgN}:paced:<account>:<api>:<recipient digest>` | string | a day at most: what one recipient had, where limited |
| `{tgN}:hooks:<upstream>` | zset | while not empty: webhooks owed (see `webhooks.py`), by when they are due |
| `{tgN}:hook-tries:<upstream>` | hash | while not empty: webhook → tries that failed |
| `{tgN}:suppressed` | hash | permanent: digest of a recipient → reason, or templates → reasons, until lifted |
| `{tgN}:tally:<process>` | string | a day: how many batches a process has committed (see `tally.py`) |
| `{tgN}:picture:<digest>` | string | as long as the pushes and links that name it: a picture's bytes |
| `{tga:<account>}:media:<digest>` | string | three days: the platform's id of a picture; seconds, while it goes there |
| `{tga:<account>}:token` | hash | the token's life, or a day: access token, who refreshes it and until when |
| `{tga:<account>}:rate:<api>` | string | seconds: GCRA state |
| `{tga:<account>}:pace:<api>` | string | while an API's pace is slowed: what it has left to live tells how much |
| `{tga:<account>}:quota:<api>:<day>` | hash | two days: the day's ledger |
| `{tga:<account>}:watch` | string | a quarter of an hour: one process compares the ledgers with the platform's count |
| `{tga:<account>}:holds` | hash | until a day after the last of them: what rests, and why (see `holds.py`) |
| `{tga:<account>}:templates:<api>` | hash | two days: what limited templates sent today, and how long their lines are |
| `{tga:<account>}:seats:<api>:<template>` | zset | a minute: a template's seats, by the moments they are taken |
| `{tgu:<upstream>}:rate` | string | until all of its burst is there again: GCRA state |

The channel `tg:wake` carries wake-ups (see `wakeups.py`).
"""

from typing import NamedTuple

META = "tg:meta"
GAUGES = "tg:gauges"
WAKE_CHANNEL = "tg:wake"
DISPATCH_GROUP = "dispatch"

WINDOWS = 3
SEEN_WINDOW_SECONDS = 300
"""Identities are remembered for at least two of them: three deliveries span about 15 s, ten minutes covers a platform
that is slow about it, and what is still fresh enough to be replayed."""
IDEMPOTENCY_WINDOW_SECONDS = 86_400
RECEIPT_SECONDS = 259_200
EARLY_RECEIPT_SECONDS = 3_600


class QueueName(NamedTuple):
    """A queue, as jobs and scripts name it: `<account>:<api>:<upstream>:<priority>`."""

    account: str
    api: str
    upstream: str
    priority: str


class ShardKeys:
    """The fixed keys of one shard, and the prefix its scripts build the others from."""

    def __init__(self, shard: int) -> None:
        self.prefix = prefix = f"{{tg{shard}}}:"
        self.events = prefix + "events"
        self.seen = tuple(f"{prefix}seen:{window}" for window in range(WINDOWS))
        self.seen_since = prefix + "seen-since"
        self.idempotency = tuple(f"{prefix}idem:{window}" for window in range(WINDOWS))
        self.work = prefix + "work"
        self.claims = prefix + "claims"
        self.later = prefix + "later"
        self.expiring = prefix + "expiring"
        self.dead = prefix + "dead"
        self.suppressed = prefix + "suppressed"

    def hooks(self, upstream: str) -> str:
        return f"{self.prefix}hooks:{upstream}"

    def hook_tries(self, upstream: str) -> str:
        return f"{self.prefix}hook-tries:{upstream}"

    def job(self, push_id: str) -> str:
        return f"{self.prefix}job:{push_id}"

    def feed_work(self, feed: str) -> str:
        return f"{self.work}:{feed}"

    def picture(self, digest: str) -> str:
        return f"{self.prefix}picture:{digest}"

    def window(self, account: str, recipient: bytes) -> bytes:
        """`recipient` is a digest."""
        return f"{self.prefix}window:{account}:".encode() + recipient


def feed(account: str, api: str) -> str:
    """What one feeder feeds: the pushes of one account through one API.

    They have a rate and a quota of their own, so none of them may stand in front of another feed's.
    """
    return f"{account}:{api}"


def queue_name(account: str, api: str, upstream: str, priority: str) -> str:
    """The name of a queue, which begins with that of its feed; `read_queue_name` takes it apart."""
    return f"{feed(account, api)}:{upstream}:{priority}"


def read_queue_name(name: str) -> QueueName:
    return QueueName(*name.split(":"))


def tally_key(beside: str | bytes, process: str) -> str:
    """In the shard of the key `beside`."""
    text = beside if isinstance(beside, str) else beside.decode(errors="surrogateescape")
    return f"{text.partition('}')[0]}}}:tally:{process}"


def media(account: str, digest: str) -> str:
    return f"{{tga:{account}}}:media:{digest}"


def token(account: str) -> str:
    return f"{{tga:{account}}}:token"


def rate(account: str, api: str) -> str:
    return f"{{tga:{account}}}:rate:{api}"


def pace(account: str, api: str) -> str:
    return f"{{tga:{account}}}:pace:{api}"


def quota(account: str, api: str) -> str:
    """The prefix of the daily ledgers; the script adds the day, by the store's clock."""
    return f"{{tga:{account}}}:quota:{api}:"


def ledger(account: str, api: str, day: int) -> str:
    return f"{quota(account, api)}{day}"


def templates(account: str, api: str) -> str:
    return f"{{tga:{account}}}:templates:{api}"


def seats(account: str, api: str, template: str) -> str:
    return f"{{tga:{account}}}:seats:{api}:{template}"


def watch(account: str) -> str:
    return f"{{tga:{account}}}:watch"


def holds(account: str) -> str:
    return f"{{tga:{account}}}:holds"


def upstream_rate(upstream: str) -> str:
    return f"{{tgu:{upstream}}}:rate"
