"""Asks the platform with an account's access token, and disturbs nothing.

How it works: the stored token is used. Only where none is stored is the token endpoint asked, and in its normal mode,
which returns the current token as long as that is good: nobody's token ends. What it answers is not stored, since that
is the pushers' affair.
"""

from email.utils import parsedate_to_datetime
from time import time

import httpx
from msgspec import Struct

from pushers.tokens.answer import judge_token, token_request
from queues.account import Account
from queues.errors import StoreUnavailableError
from queues.token import stored_token
from runtime.doctor.deployment import Deployment


class Access(Struct, frozen=True, kw_only=True):
    """A token, where it came from, or why there is none (in the platform's words, without secrets).

    `clock_ahead` is how far the platform's clock is ahead of ours, to a second or so; None if it did not say.
    """

    token: str = ""
    stored: bool = False
    refusal: str = ""
    clock_ahead: float | None = None


async def gain_access(deployment: Deployment, account: Account) -> Access:
    """The stored token, or the one the platform gives.

    Raises:
        httpx.HTTPError: the platform cannot be reached.
    """
    if deployment.store is not None:
        try:
            token = await stored_token(deployment.store, account.name)
        except StoreUnavailableError:
            token = ""
        if token:
            return Access(token=token, stored=True)
    asked = token_request(account, force=False)
    response = await deployment.client.request(asked.method, account.url(asked.target), content=asked.body)
    verdict = judge_token(response.status_code, response.content, account.kind)
    return Access(token=verdict.token, refusal=verdict.error, clock_ahead=clock_ahead(response))


async def ask(deployment: Deployment, account: Account, path: str, token: str, question: bytes = b"") -> httpx.Response:
    """One call with the token: a POST of the question (JSON), a GET without one.

    Raises:
        httpx.HTTPError: the platform cannot be reached.
    """
    method = "POST" if question else "GET"
    return await deployment.client.request(method, account.url(path), params={"access_token": token}, content=question)


def clock_ahead(response: httpx.Response) -> float | None:
    """How far the answer's `Date` is ahead of our clock."""
    try:
        return parsedate_to_datetime(response.headers.get("date", "")).timestamp() - time()
    except ValueError:
        return None
