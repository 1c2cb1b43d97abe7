"""The simulator end to end over loopback: token, send, receipt, ledger, controls."""

import json
from contextlib import asynccontextmanager

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from loadtests.http_client import HttpConnection, parse_target
from loadtests.platform.http_server import Reply
from loadtests.platform.options import AccountOptions, SimulatorOptions
from loadtests.platform.simulator import run_simulator

OPENID = "oTESTopenid00000000000000001"


class Client:
    """Calls one simulator."""

    def __init__(self, address):
        self._connection = HttpConnection(parse_target(address))
        self.token = ""

    async def call(self, method, path, body=b""):
        head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
        return await self._connection.request(head.encode() + body)

    def close(self):
        self._connection.close()

    async def control(self, method, path, **fields):
        answer = await self.call(method, f"/_sim/{path}", json.dumps(fields).encode())
        assert answer.status == 200, answer
        return json.loads(answer.body)

    async def fetch_token(self, **changes):
        options = SimulatorOptions()
        asked = {"grant_type": "client_credential", "appid": options.app_id, "secret": options.app_secret} | changes
        answer = json.loads((await self.call("POST", "/cgi-bin/stable_token", json.dumps(asked).encode())).body)
        self.token = answer.get("access_token", self.token)
        return answer

    async def send(self, openid=OPENID, client_msg_id="a", value="你好"):
        body = {
            "touser": openid,
            "template_id": "T",
            "client_msg_id": client_msg_id,
            "data": {"thing1": {"value": value}},
        }
        path = f"/cgi-bin/message/template/send?access_token={self.token}"
        return json.loads((await self.call("POST", path, json.dumps(body, ensure_ascii=False).encode())).body)

    async def rows(self, kind):
        return [json.loads(line) for line in (await self.call("GET", f"/_sim/ledger?kind={kind}")).body.splitlines()]

    async def at_rest(self):
        while True:
            summary = await self.control("GET", "summary")
            if not summary["receipts_due"] + summary["callbacks_pending"]:
                return summary
            await wait_all_tasks_blocked(0.001)


@pytest.fixture
def simulator():
    """Runs a simulator while the context is open; gives a client that holds a token."""

    @asynccontextmanager
    async def simulator(**options):
        async with trio.open_nursery() as nursery:
            arrangement = SimulatorOptions(**({"bind": "127.0.0.1:0", "receipt_delay": 0} | options))
            client = Client(await nursery.start(run_simulator, arrangement))
            await client.fetch_token()
            yield client
            client.close()
            nursery.cancel_scope.cancel()

    return simulator


async def test_a_send_is_accepted_and_its_receipt_called_back(simulator, serving):
    called = []

    def gateway(request):
        called.append(request)
        return Reply(body=b"success")

    async with serving(gateway) as address, simulator(callback_url=f"{address}/callback/a") as client:
        answer = await client.send()
        summary = await client.at_rest()
        [sent], [receipt] = await client.rows("sends"), await client.rows("callbacks")
    assert answer["errcode"] == 0
    assert answer["msgid"] > 2**53
    assert (sent["client_msg_id"], sent["msgid"], sent["openid"]) == ("a", answer["msgid"], OPENID)
    assert (receipt["msgid"], receipt["status"], receipt["final"]) == (str(answer["msgid"]), "success", "acked")
    assert b"<Event><![CDATA[TEMPLATESENDJOBFINISH]]></Event>" in called[0].body
    assert b"<MsgID>%d</MsgID>" % answer["msgid"] in called[0].body
    assert summary["counts"]["accepted"] == 1


async def test_4_1_the_same_client_msg_id_is_sent_once(simulator):
    async with simulator() as client:
        first, again, other = await client.send(), await client.send(), await client.send(client_msg_id="b")
        rows = await client.rows("sends")
    assert first["msgid"] == again["msgid"] != other["msgid"]
    assert [row["repeat"] for row in rows] == [False, True, False]


async def test_4_1_the_answer_to_a_repeat_can_be_an_error(simulator):
    async with simulator(repeat_errcode=40241) as client:
        await client.send()
        assert (await client.send())["errcode"] == 40241


async def test_3_4_tokens_can_be_killed_and_replaced(simulator):
    async with simulator() as client:
        await client.control("POST", "tokens/invalidate", errcode=42001)
        assert (await client.send())["errcode"] == 42001
        await client.fetch_token()
        assert (await client.send())["errcode"] == 0
        client.token = ""
        assert (await client.fetch_token(appid="wx0000000000000009"))["errcode"] == 40013


async def test_3_1_the_classic_endpoint_gives_tokens_too(simulator):
    options = SimulatorOptions()
    query = f"grant_type=client_credential&appid={options.app_id}&secret={options.app_secret}"
    async with simulator() as client:
        answer = json.loads((await client.call("GET", f"/cgi-bin/token?{query}")).body)
        assert set(answer) == {"access_token", "expires_in"}
        client.token = answer["access_token"]
        assert (await client.send())["errcode"] == 0


async def test_4_errors_are_text_plain_with_a_rid(simulator):
    async with simulator() as client:
        answer = await client.send(value="x" * 21)
    assert answer["errcode"] == 47003
    assert answer["errmsg"].startswith("argument invalid! data.thing1.value invalid rid: 6")


async def test_6_quotas_answer_45009(simulator):
    async with simulator(per_day=1) as client:
        assert [(await client.send(client_msg_id=each))["errcode"] for each in "ab"] == [0, 45009]
        await client.control("POST", "limits", per_day=2)
        assert (await client.send(client_msg_id="c"))["errcode"] == 0


async def test_people_who_do_not_follow_get_nothing(simulator):
    async with simulator(unsubscribed_share=1) as client:
        assert (await client.send())["errcode"] == 43004
        await client.control("POST", "callback", openid=OPENID, event="subscribe")
        assert (await client.send())["errcode"] == 0


@pytest.mark.parametrize(
    ("share", "status"),
    [({"user_block_share": 1}, "failed:user block"), ({"system_failed_share": 1}, "failed: system failed")],
)
async def test_1_7_receipts_tell_failures_in_the_platforms_words(simulator, share, status):
    async with simulator(**share) as client:
        await client.send()
        await client.at_rest()
        assert [row["status"] for row in await client.rows("callbacks")] == [status]


async def test_faults_by_rate(simulator):
    async with simulator(faults={"-1": 1}) as client:
        await client.control("POST", "faults", rates={"-1": 1})
        assert (await client.send())["errcode"] == -1
        await client.control("POST", "faults", rates={"http_500": 1})
        assert (await client.call("POST", "/cgi-bin/message/template/send")).status == 500
        await client.control("POST", "faults", rates={"garbage": 1})
        garbage = await client.call("POST", "/cgi-bin/message/template/send")
        assert (garbage.status, garbage.body[:1]) == (200, b"<")
        await client.control("POST", "faults")
        await client.fetch_token()
        assert (await client.send())["errcode"] == 0
        assert [row["answer"] for row in await client.rows("refusals")] == ["-1", "http_500", "garbage"]


async def test_a_lost_answer_is_an_accepted_send(simulator):
    async with simulator() as client:
        await client.control("POST", "faults", rates={"lost_answer": 1})
        with pytest.raises(Exception, match="closed"):
            await client.send()
        [row] = await client.rows("sends")
    assert row["answered"] is False


async def test_user_events_are_fired_on_demand(simulator, serving):
    called = []
    async with serving(lambda request: called.append(request.body) or Reply()) as address, simulator() as client:
        await client.control("POST", "callback_url", url=f"{address}/callback/a")
        await client.control("POST", "callback", openid=OPENID, event="CLICK", key="balance")
        await client.control("POST", "callback", openid=OPENID, text="hello")
        await client.at_rest()
        rows = await client.rows("callbacks")
    assert {(row["name"], row["key"], row["final"]) for row in rows} == {
        ("CLICK", "balance", "acked"),
        ("", "", "acked"),
    }
    assert len(called) == 2


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("faults", {"rates": {"nonsense": 1}}),
        ("faults", {"rate": {}}),
        ("callback", {"openid": OPENID}),
        ("callback_url", {"url": "ftp://x"}),
        ("callback", {"openid": OPENID, "text": "a", "account": "nobody"}),
        ("quota/exhaust", {"api": "nonsense"}),
        ("limits", {"api": "nonsense"}),
        ("limits", {"per_day": -1}),
        ("down", {"how": "sideways"}),
        ("down", {"seconds": 0}),
        ("faults", {"rules": [{"fault": "nonsense"}]}),
    ],
)
async def test_a_wrong_control_is_told_what_is_wrong(simulator, path, fields):
    async with simulator() as client:
        answer = await client.call("POST", f"/_sim/{path}", json.dumps(fields).encode())
    assert answer.status == 400
    assert json.loads(answer.body)["error"]


async def test_unknown_paths_are_404(simulator):
    async with simulator() as client:
        assert (await client.call("GET", "/cgi-bin/nothing")).status == 404
        assert (await client.call("GET", "/_sim/nothing")).status == 404


async def test_the_ledger_is_written_to_a_file_too(simulator, tmp_path):
    path = tmp_path / "ledger.jsonl"
    async with simulator(ledger_path=str(path)) as client:
        await client.send()
        await client.at_rest()
    assert [json.loads(line)["kind"] for line in path.read_text().splitlines()] == ["send", "callback"]


async def test_the_page_needs_nothing_from_elsewhere(simulator):
    async with simulator() as client:
        page = (await client.call("GET", "/_sim/")).body.decode()
    assert page.startswith("<!doctype html>")
    assert "http://" not in page
    assert "https://" not in page
    for button in ("Send a callback", "Let quota run out", "Go down for 30 s", "Recover"):
        assert f">{button}</button>" in page


async def test_what_the_page_shows(simulator):
    async with simulator() as client:
        first, second = await client.send(), await client.send(client_msg_id="b")
        newest = await client.call("GET", "/_sim/newest?kind=sends&count=1")
        summary = await client.control("GET", "summary")
    assert json.loads(newest.body)["msgid"] == second["msgid"] != first["msgid"]
    assert summary["accounts"] == [{"name": SimulatorOptions().app_id, "kind": "official", "callback_host": ""}]
    assert summary["down_seconds"] == 0


async def test_the_quota_can_run_out_and_recover(simulator):
    async with simulator() as client:
        assert (await client.send(client_msg_id="a"))["errcode"] == 0
        await client.control("POST", "quota/exhaust")
        assert (await client.send(client_msg_id="b"))["errcode"] == 45009
        await client.control("POST", "recover")
        assert (await client.send(client_msg_id="c"))["errcode"] == 0


async def test_it_can_go_down_in_three_manners_and_recover(simulator):
    async with simulator() as client:
        await client.control("POST", "down", how="5xx")
        assert (await client.call("POST", "/cgi-bin/message/template/send")).status == 502
        await client.control("POST", "down", how="close")
        with pytest.raises(Exception, match="closed"):
            await client.send()
        await client.control("POST", "down", how="silence", seconds=1000)
        with trio.move_on_after(0.05) as waited:
            await client.send()
        assert waited.cancelled_caught
        assert (await client.control("GET", "summary"))["down_seconds"] > 900
        await client.control("POST", "recover")
        assert (await client.send())["errcode"] == 0


async def test_faults_by_rule_are_set_on_demand(simulator):
    async with simulator() as client:
        await client.control("POST", "faults", rules=[{"fault": "45009", "api": "template"}])
        assert (await client.send())["errcode"] == 45009
        await client.fetch_token()
        await client.control("POST", "recover")
        assert (await client.send())["errcode"] == 0


async def test_each_account_has_its_own_callbacks(simulator, serving):
    second = AccountOptions(app_id="wx2", app_secret="s", token="t2", original_id="gh_2")
    called = []
    async with (
        serving(lambda request: called.append(request) or Reply()) as address,
        simulator(accounts=(second,)) as client,
    ):
        await client.control("POST", "callback_url", url=f"{address}/callback/b", account="wx2")
        await client.control("POST", "callback", openid=OPENID, event="subscribe", account="wx2")
        await client.control("POST", "callback", openid=OPENID, event="subscribe")
        await client.at_rest()
        rows = await client.rows("callbacks")
    assert {(row["app_id"], row["final"]) for row in rows} == {("wx2", "acked"), (SimulatorOptions().app_id, "no_url")}
    assert b"<ToUserName><![CDATA[gh_2]]></ToUserName>" in called[0].body


async def test_windows_and_prompts_are_opened_on_demand(simulator):
    async with simulator() as client:
        assert await client.control("POST", "interaction", openid=OPENID, trigger="click") == {"trigger": "click"}
        left = await client.control("POST", "subscription", openid=OPENID, template_id="T")
        assert left == {"left": 1}


async def test_json_pushes_are_json_on_the_wire(simulator, serving):
    called = []
    async with (
        serving(lambda request: called.append(request) or Reply()) as address,
        simulator(format="json") as client,
    ):
        await client.control("POST", "callback_url", url=address)
        await client.control("POST", "callback", openid=OPENID, text="hello")
        await client.at_rest()
    assert json.loads(called[0].body)["Content"] == "hello"
