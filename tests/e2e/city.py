"""A small city on one loop: the simulated platform, a gateway, a pusher, and a store between them."""

import json
import random
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from types import MappingProxyType
from typing import Any

import trio
from msgspec import structs

from gateway.pushes.pictures.settings import PictureSettings
from gateway.server import GatewaySettings, serve_gateway
from gateway.settings import ServerSettings, Upstream
from gateway.upstream_key import UpstreamKey
from loadtests.http_client import Answer, HttpConnection, parse_target
from loadtests.platform.options import AccountOptions, SimulatorOptions
from loadtests.platform.simulator import run_simulator
from pushers.settings import PusherSettings
from pushers.webhooks.messenger import WebhookTarget
from pushers.worker import Worker
from queues.account import Account, Webhook
from queues.push import RETAIN_SECONDS, PushStatus
from queues.pushes.jobs import read_push
from queues.secret import Secret
from queues.store import Store

PLATFORM = SimulatorOptions()
OFFICE = AccountOptions(
    kind="wecom",
    app_id="ww1234567890abcdef",
    app_secret="office-secret",
    token="officeToken1",
    aes_key="0123456789abcdefghijklmnopqrstuvwxyzABCDEFE",
)
KEY = "a-key-of-the-citys"
VIOLATIONS = Upstream(name="violations", key=UpstreamKey(KEY))
SEND_SECONDS = 5.0
WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
FINAL = {"delivered", "failed", "suppressed", "expired", "cancelled", "dead"}


class City:
    """What the tests do in it."""

    def __init__(self, store: Store, platform_url: str) -> None:
        self.store = store
        self.platform_url = platform_url
        self.gateway_url = ""
        self._platform = HttpConnection(parse_target(platform_url))

    def close(self) -> None:
        self._platform.close()

    async def push(self, **item: Any) -> str:
        """Enqueue one push over HTTP; its id."""
        result = await self.offer(**item)
        assert result["status"] == "queued", result
        return str(result["id"])

    async def offer(self, **item: Any) -> dict[str, str]:
        body = json.dumps({"pushes": [{"account": "traffic"} | item]}).encode()
        head = f"Authorization: Bearer {KEY}\r\nContent-Type: application/json\r\n"
        answer = await ask(self.gateway_url, "POST", "/v1/pushes", head, body)
        assert answer.status == 202, answer
        [result] = json.loads(answer.body)["results"]
        return dict(result)

    async def call(self, method: str, target: str, document: object = None) -> dict[str, Any]:
        """What the gateway answers the upstream with, where it does as asked."""
        body = b"" if document is None else json.dumps(document).encode()
        head = f"Authorization: Bearer {KEY}\r\nContent-Type: application/json\r\n"
        answer = await ask(self.gateway_url, method, target, head, body)
        assert answer.status == 200, answer
        return dict(json.loads(answer.body))

    async def shown(self, push_id: str) -> dict[str, Any]:
        """The push as its upstream sees it."""
        answer = await ask(self.gateway_url, "GET", f"/v1/pushes/{push_id}", f"Authorization: Bearer {KEY}\r\n")
        return dict(json.loads(answer.body))

    async def until(self, push_id: str, *states: str) -> PushStatus:
        """The push once it is in one of the states; the store's answer is what is waited for."""
        while True:
            status = await read_push(self.store, push_id)
            assert status is not None
            if status.state in states:
                return status
            assert status.state not in FINAL, status

    async def control(self, name: str, **order: Any) -> Any:
        """One of the simulator's controls."""
        answer = await self.platform("POST", f"/_sim/{name}", json.dumps(order).encode())
        assert answer.status == 200, answer
        return json.loads(answer.body)

    async def platform(self, method: str, target: str, body: bytes = b"") -> Answer:
        head = f"{method} {target} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
        return await self._platform.request(head.encode() + body)

    async def received(self, send: dict[str, Any]) -> bytes:
        """The picture of a send, as its recipient sees it."""
        token = await self.token(office=send["channel"] == "wecom")
        [media_id] = send["media"]
        answer = await self.platform("GET", f"/cgi-bin/media/get?access_token={token}&media_id={media_id}")
        return answer.body

    async def token(self, *, office: bool = False) -> str:
        if office:
            query = f"corpid={OFFICE.app_id}&corpsecret={OFFICE.app_secret}"
            answer = await self.platform("GET", f"/cgi-bin/gettoken?{query}")
            return str(json.loads(answer.body)["access_token"])
        asked = {"grant_type": "client_credential", "appid": PLATFORM.app_id, "secret": PLATFORM.app_secret}
        answer = await self.platform("POST", "/cgi-bin/stable_token", json.dumps(asked).encode())
        return str(json.loads(answer.body)["access_token"])

    async def ledger(self, kind: str) -> list[dict[str, Any]]:
        """What the platform took (`sends`) or did not take (`refusals`), the oldest first."""
        answer = await self.platform("GET", f"/_sim/ledger?kind={kind}")
        return [json.loads(line) for line in answer.body.splitlines()]

    async def heard(self, openid: str, **deed: str) -> None:
        """Somebody did something, and its callback is settled."""
        stream = self.store.keys[self.store.shard_of("traffic", openid)].events
        before = await self.store.call("before", stream, lambda client: client.xlen(stream))
        await self.control("callback", openid=openid, **deed)

        def settled(client: Any) -> bool:
            if client.xlen(stream) <= before:
                return False
            newest = client.xinfo_stream(stream)["last-generated-id"]
            groups = client.xinfo_groups(stream)  # none until the pusher looks for the first time
            return groups and all(not group["pending"] and group["last-delivered-id"] == newest for group in groups)

        while not await self.store.call("settled", stream, settled):
            pass


async def ask(url: str, method: str, target: str, headers: str = "", body: bytes = b"") -> Answer:
    connection = HttpConnection(parse_target(url))
    head = f"{method} {target} HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
    try:
        return await connection.request(head.encode() + body)
    finally:
        connection.close()


class Hasty(random.Random):
    """Always the shortest wait."""

    def uniform(self, a: float, b: float) -> float:
        return min(a, b)


@asynccontextmanager
async def founded(
    store: Store,
    server: ServerSettings | None = None,
    *,
    pictures: PictureSettings = PictureSettings(),  # noqa: B008  frozen
    retain_seconds: float = RETAIN_SECONDS,
    upstream: Upstream = VIOLATIONS,
    account: Mapping[str, Any] = MappingProxyType({}),
    **platform: Any,
) -> AsyncIterator[City]:
    """A running city; `account` says what is special about the official one, `platform` are the simulator's options."""
    options = SimulatorOptions(
        **({"bind": "127.0.0.1:0", "receipt_delay": 0, "mute_failures": 0, "accounts": (OFFICE,)} | platform),
        webhook_secret=WEBHOOK_SECRET,
    )
    with trio.fail_after(240):
        async with trio.open_nursery() as nursery:
            city = City(store, await nursery.start(run_simulator, options))
            drain = trio.Event()
            official = structs.replace(_official(options, city.platform_url), **account)
            accounts = [official, _office(city.platform_url)]
            webhook = WebhookTarget(upstream=upstream.name, url=upstream.webhook_url, secret=upstream.webhook_secret)

            worker = Worker(
                PusherSettings(send_seconds=SEND_SECONDS, retain_seconds=retain_seconds),
                accounts,
                store,
                webhooks=[webhook] if webhook.url else [],
                rng=Hasty(),
            )
            listener = socket.create_server(("127.0.0.1", 0))
            city.gateway_url = "http://{}:{}".format(*listener.getsockname())
            settings = GatewaySettings(
                server=server or ServerSettings(),
                accounts=accounts,
                upstreams=[upstream],
                pictures=pictures,
                retain_seconds=retain_seconds,
            )
            await nursery.start(partial(serve_gateway, listener=listener), settings, store, drain)
            await nursery.start(worker.run, drain)
            await city.control("callback_url", url=f"{city.gateway_url}/callback/traffic")
            try:
                yield city
            finally:
                city.close()
                nursery.cancel_scope.cancel()


def _official(options: SimulatorOptions, api_base: str) -> Account:
    return Account(
        name="traffic",
        app_id=options.app_id,
        app_secret=Secret(options.app_secret),
        token=Secret(options.token),
        api_base=api_base,
        webhook=Webhook(f"{api_base}/webhook", Secret(WEBHOOK_SECRET)),
    )


def _office(api_base: str) -> Account:
    return Account(
        name="office",
        kind="wecom",
        app_id=OFFICE.app_id,
        app_secret=Secret(OFFICE.app_secret),
        token=Secret(OFFICE.token),
        aes_key=Secret(OFFICE.aes_key),
        agent_id=OFFICE.agent_id,
        api_base=api_base,
    )
