"""The callback URL, asked as the platform's console asks it: once signed rightly, once wrongly.

The console sends a signed GET with an `echostr` and takes the URL if that comes back: as it is for an official account,
decrypted for a WeCom app.
"""

import secrets
from collections.abc import Iterator
from time import time
from urllib.parse import quote, urlsplit

import httpx
import trio
from msgspec import Struct

from gateway.callbacks.crypto import MessageCipher
from gateway.callbacks.signature import sign
from queues.account import Account
from runtime.configuration.addresses import format_address, parse_address
from runtime.doctor.deployment import Deployment
from runtime.doctor.finding import Finding, error, good, note, warning

SLOW_SECONDS = 1.0
LATE_SECONDS = 5.0
PLATFORM_PORTS = {80, 443}

_OK, _FORBIDDEN, _NOT_FOUND, _UNAVAILABLE = 200, 403, 404, 503
_ANY_HOST = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  not bound: what is reached of such an address


class Answers(Struct, frozen=True, kw_only=True):
    """What the URL said to a right and to a wrong signature; `echoed` if the echostr came back and nothing else."""

    status: int
    echoed: bool
    seconds: float
    wrong_status: int


async def examine(deployment: Deployment) -> list[Finding]:
    findings: list[Finding] = []
    if deployment.settings.server.tls and not deployment.callback_url:
        return [
            note(
                "callbacks",
                "the local address was not tried, as server.tls is set and its certificate is for another name",
                "whether callbacks are taken is not known",
                "give --callback-url",
            )
        ]
    base = deployment.callback_url.rstrip("/") or local_url(deployment.settings.server.bind)
    if deployment.callback_url:
        findings += judge_url(deployment.callback_url)
    else:
        findings.append(
            note(
                "callbacks",
                f"asked at {base}",
                "what stands between it and the platform was not tried",
                "give --callback-url to try that too",
            )
        )
    for account in deployment.settings.accounts:
        url = f"{base}/callback/{account.name}"
        if account.kind == "wecom" and not account.aes_key:
            findings.append(unreadable(account))
            continue
        try:
            findings += judge(account, url, await _ask(deployment.client, url, account))
        except httpx.HTTPError as trouble:
            findings.append(unreachable(account, url, f"{type(trouble).__name__}: {trouble}"))
    return findings


def local_url(bind: str) -> str:
    """Where a gateway with this `server.bind` answers on its own machine."""
    host, port = parse_address(bind)
    return f"http://{format_address(_ANY_HOST.get(host, host), port)}"


def judge_url(url: str) -> Iterator[Finding]:
    """What the platform asks of a URL before it asks the URL anything."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    if port not in PLATFORM_PORTS:
        yield error(
            "callbacks",
            f"the URL has port {port}",
            "the platform calls ports 80 and 443 alone",
            "put the load balancer on 443",
        )
    if parts.scheme != "https":
        yield warning(
            "callbacks",
            "the URL is not https",
            "users' messages and ids cross the network readable unless the account is in secure mode",
            "end TLS at the load balancer",
        )


def judge(account: Account, url: str, answers: Answers) -> Iterator[Finding]:
    """What the two answers say."""
    subject = f"account {account.name}"
    if answers.status == _FORBIDDEN:
        yield error(
            subject,
            f"{url} refuses a right signature",
            "every callback is refused: messages, menu clicks and receipts are lost after three tries",
            "the running gateway has another token than this configuration, its clock is wrong, or a proxy changes the "
            "query",
        )
    elif answers.status == _NOT_FOUND:
        yield error(
            subject,
            f"{url} is not found",
            "every callback is lost after three tries",
            "the running gateway does not know this account, or a proxy changes the path: reload it, or mend the proxy",
        )
    elif answers.status != _OK or not answers.echoed:
        yield error(
            subject,
            f"{url} answers {answers.status}" + ("" if answers.echoed else " without the echostr"),
            "the platform's console does not take this URL",
            "something between here and the gateway answers in its place"
            if answers.status != _UNAVAILABLE
            else "see readyz for the reason",
        )
    elif answers.wrong_status != _FORBIDDEN:
        yield error(
            subject,
            f"{url} answers {answers.wrong_status} to a wrong signature",
            "whoever finds the URL can post callbacks in the platform's name",
            "this is no Tidegate, or a cache answers: never cache /callback/",
        )
    elif answers.seconds > SLOW_SECONDS:
        yield (error if answers.seconds > LATE_SECONDS else warning)(
            subject,
            f"{url} took {answers.seconds:.1f} s",
            "the platform waits 5 s, tries twice more, and then the event is lost",
            "`tidegate top` shows where it waits",
        )
    else:
        yield good(subject, f"{url} proves itself to the platform in {answers.seconds * 1000:.0f} ms")


def unreadable(account: Account) -> Finding:
    return warning(
        f"account {account.name}",
        "no aes_key, and WeCom encrypts every callback",
        "none of its callbacks can be read, and its console does not take the URL",
        "set aes_key as the app's console shows it; if the app is to send only, leave both as they are",
    )


def unreachable(account: Account, url: str, reason: str) -> Finding:
    return error(
        f"account {account.name}",
        f"{url} cannot be reached: {reason}",
        "every callback is lost after three tries",
        "start the gateway, or look at the name, the certificate and the load balancer",
    )


async def _ask(client: httpx.AsyncClient, url: str, account: Account) -> Answers:
    echo = secrets.token_hex(10)
    began = trio.current_time()
    right = await client.get(f"{url}?{signed_query(account, account.token.reveal(), echo)}")
    seconds = trio.current_time() - began
    wrong = await client.get(f"{url}?{signed_query(account, secrets.token_hex(16), echo)}")
    return Answers(
        status=right.status_code,
        echoed=right.content == echo.encode(),
        seconds=seconds,
        wrong_status=wrong.status_code,
    )


def signed_query(account: Account, token: str, echo: str) -> str:
    """The query of the console's request, signed with `token`."""
    timestamp, nonce = str(int(time())), secrets.token_hex(8)
    if account.kind == "wecom":
        echo = MessageCipher(account.aes_key.reveal(), account.app_id).encrypt(echo.encode())
        signature = f"msg_signature={sign(token, timestamp, nonce, echo)}"
    else:
        signature = f"signature={sign(token, timestamp, nonce)}"
    return f"{signature}&timestamp={timestamp}&nonce={nonce}&echostr={quote(echo, safe='')}"
