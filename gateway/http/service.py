"""What all connections of a listener share."""

from msgspec import Struct, field

from gateway.http.messages import BodyLimit, Handler
from gateway.http.outbox import Outbox
from gateway.http.refusal_log import RefusalLog
from gateway.http.response_encoder import ResponseEncoder
from gateway.http.unread_answers import UnreadAnswers


class Timings(Struct, frozen=True, kw_only=True):
    """How long a connection waits for its client, in seconds."""

    request_seconds: float = 5.0
    idle_seconds: float = 75.0  # longer than the 60 s after which common load balancers close their side first
    write_seconds: float = 30.0
    linger_seconds: float = 2.0
    drain_seconds: float = 0.5  # for the next request of a connection that is idle when a drain begins


class Service(Struct, frozen=True, kw_only=True):
    """How they answer, and how long they wait."""

    handler: Handler
    body_limit: BodyLimit
    encoder: ResponseEncoder
    timings: Timings
    outbox: Outbox
    refusals: RefusalLog
    unread: UnreadAnswers = field(default_factory=UnreadAnswers)
