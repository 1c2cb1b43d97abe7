"""Deployments to examine."""

from collections.abc import Callable
from typing import Any

import httpx
from msgspec import structs

from gateway.settings import Upstream
from queues.account import Account, ApiLimit
from queues.secret import Secret
from runtime.configuration.settings import Settings
from runtime.doctor.deployment import Deployment

ACCOUNT = Account(
    name="traffic",
    app_id="wx0123456789abcdef",
    app_secret=Secret("hush-hush"),
    token=Secret("callback9"),
    aes_key=Secret("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"),
    api_base="https://platform.test",
    limits={"template": ApiLimit(per_second=10, per_day=1000)},
)


def settings(*accounts: Account) -> Settings:
    return Settings(
        accounts=accounts or (ACCOUNT,), upstreams=(Upstream(name="violations", key=Secret("upstream-key-1")),)
    )


def deployment(answer: Callable[[httpx.Request], httpx.Response] | None = None, **changes: Any) -> Deployment:
    """One without a store, whose platform and gateway `answer`."""
    plain = Deployment(
        settings=settings(),
        file=None,
        store=None,
        conditions=(),
        store_trouble="",
        serve_pid=0,
        callback_url="",
        client=httpx.AsyncClient(transport=httpx.MockTransport(answer or refuse)),
    )
    return structs.replace(plain, **changes)


def refuse(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)
