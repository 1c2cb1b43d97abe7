"""One delivery of one callback: what goes over the wire, and how it ended."""

import trio
from msgspec import Struct

from loadtests.http_client import ConnectionLostError, HttpConnection, NoConnectionError, post
from loadtests.platform.callbacks import Callback
from loadtests.platform.envelope import Delivery, Envelope
from loadtests.platform.reply_check import accepts

_OK = 200


class Attempt(Struct, frozen=True, gc=False):
    """How a delivery ended, and whether the platform need not repeat it.

    `answer` is an HTTP status, `timeout`, `refused` (no connection), `lost` (it broke) or `invalid` (status 200 and
    a body that is none of those allowed).
    """

    answer: str
    accepted: bool


async def attempt(
    connection: HttpConnection,
    envelope: Envelope,
    callback: Callback,
    *,
    now: float,
    seconds: float,
    delivery: Delivery | None = None,
    any_status: bool = False,
) -> Attempt:
    """Deliver once, at `now` seconds since the epoch, waiting at most `seconds` for the answer.

    `delivery` is what an earlier attempt put on the wire, to be repeated as it was.
    """
    delivery = delivery or envelope.wrap(callback, now)
    request = post(connection.target, delivery.body, envelope.content_type, query=delivery.query)
    with trio.move_on_after(seconds):
        try:
            answer = await connection.request(request)
        except NoConnectionError:
            return Attempt("refused", accepted=False)
        except ConnectionLostError:
            return Attempt("lost", accepted=False)
        accepted = accepts(answer.status, answer.body, callback=callback, envelope=envelope, any_status=any_status)
        return Attempt("invalid" if answer.status == _OK and not accepted else str(answer.status), accepted)
    return Attempt("timeout", accepted=False)
