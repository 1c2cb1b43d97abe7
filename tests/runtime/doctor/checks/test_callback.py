"""What is found of the callback URL: a real reader answers as the gateway does."""

from time import time

import httpx
import pytest
from msgspec import structs

from gateway.callbacks.reader import CallbackReader
from gateway.callbacks.rejection import RejectedCallbackError
from queues.secret import Secret
from runtime.doctor.checks import callback
from runtime.doctor.checks.callback import Answers, judge, judge_url, local_url
from tests.runtime.doctor.deployments import ACCOUNT, deployment, settings

URL = "https://gate.test/callback/traffic"
GOOD = Answers(status=200, echoed=True, seconds=0.05, wrong_status=403)


def gateway(account=ACCOUNT):
    """Answers like a gateway that is configured with this account."""
    reader = CallbackReader(account, 600)

    def answer(request: httpx.Request) -> httpx.Response:
        try:
            return httpx.Response(200, content=reader.answer_verification(request.url.query, time()))
        except RejectedCallbackError as rejection:
            return httpx.Response(rejection.status)

    return answer


async def test_a_gateway_with_the_same_configuration_proves_itself():
    [finding] = await callback.examine(deployment(gateway(), callback_url="https://gate.test"))
    assert finding.severity == "ok"
    assert finding.found.startswith(f"{URL} proves itself to the platform in ")


async def test_a_wecom_app_without_its_key_is_told_of_and_hides_no_other():
    sends_only = structs.replace(ACCOUNT, name="office", kind="wecom", aes_key=Secret(""))
    there = deployment(gateway(ACCOUNT), settings=settings(sends_only, ACCOUNT), callback_url="https://gate.test")
    findings = {each.subject: each.severity for each in await callback.examine(there)}
    assert findings == {"account office": "warning", "account traffic": "ok"}


async def test_a_wecom_app_proves_itself_by_decrypting():
    wecom = structs.replace(ACCOUNT, kind="wecom", app_id="ww0123456789abcdef")
    there = deployment(gateway(wecom), settings=settings(wecom), callback_url="https://gate.test")
    [finding] = await callback.examine(there)
    assert (finding.severity, "proves itself" in finding.found) == ("ok", True)


async def test_a_gateway_with_another_token_refuses_the_platform():
    other = structs.replace(ACCOUNT, token=Secret("another1"))
    [finding] = await callback.examine(deployment(gateway(other), callback_url="https://gate.test"))
    assert (finding.severity, finding.found) == ("error", f"{URL} refuses a right signature")


async def test_nobody_there():
    [finding] = await callback.examine(deployment(callback_url="https://gate.test"))
    assert finding.found == f"{URL} cannot be reached: ConnectError: refused"


async def test_the_local_address_stands_in_and_that_is_said():
    note, finding = await callback.examine(deployment(gateway()))
    assert (note.severity, note.found) == ("note", "asked at http://127.0.0.1:8080")
    assert finding.severity == "ok"


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        (structs.replace(GOOD, status=404), "is not found"),
        (structs.replace(GOOD, status=503, echoed=False), "answers 503 without the echostr"),
        (structs.replace(GOOD, echoed=False), "answers 200 without the echostr"),
        (structs.replace(GOOD, wrong_status=200), "answers 200 to a wrong signature"),
        (structs.replace(GOOD, seconds=6.0), "took 6.0 s"),
    ],
)
def test_what_would_lose_callbacks_is_an_error(answers, words):
    [finding] = judge(ACCOUNT, URL, answers)
    assert (finding.severity, finding.found) == ("error", f"{URL} {words}")


def test_slow_is_a_warning():
    [finding] = judge(ACCOUNT, URL, structs.replace(GOOD, seconds=2.0))
    assert finding.severity == "warning"


@pytest.mark.parametrize(
    ("url", "severities"),
    [("https://gate.test", []), ("http://gate.test", ["warning"]), ("https://gate.test:8443", ["error"])],
)
def test_the_platform_calls_ports_80_and_443(url, severities):
    assert [finding.severity for finding in judge_url(url)] == severities


@pytest.mark.parametrize(
    ("bind", "url"),
    [("0.0.0.0:8080", "http://127.0.0.1:8080"), ("[::]:80", "http://[::1]:80"), ("10.0.0.1:1", "http://10.0.0.1:1")],
)
def test_a_gateway_on_every_address_is_asked_at_the_loopback(bind, url):
    assert local_url(bind) == url
