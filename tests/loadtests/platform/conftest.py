"""A platform without sockets: calls are functions, time stands still until it is moved, callbacks are a list."""

import json
from urllib.parse import urlencode

import pytest

from loadtests.platform import orders
from loadtests.platform.app import Platform
from loadtests.platform.caller import Caller
from loadtests.platform.http_server import Request
from loadtests.platform.ledger import Ledger
from loadtests.platform.options import AccountOptions, SimulatorOptions

NOON = 1_714_104_000.0  # 2024-04-26 12:00 in Beijing
KEY = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFE"
WECOM = AccountOptions(
    kind="wecom", app_id="ww1234567890abcdef", app_secret="s1", token="t", aes_key=KEY, agent_id=1_000_002
)


class Outbox:
    """Takes what a control fires."""

    def __init__(self, called):
        self._called = called
        self.deliverer = self

    def emit(self, delay, callback):
        self._called.append((delay, callback))


class World:
    """One platform, its clock and all the callbacks it made, as (delay, callback)."""

    def __init__(self, **options):
        self.now = NOON
        # Tokens outlive every test, so that time can be moved by days.
        self.options = SimulatorOptions(**{"token_seconds": 10**9} | options)
        self.ledger = Ledger(100_000)
        self.called = []
        self.platform = Platform(
            self.options,
            self.ledger,
            emit=lambda _account, delay, callback: self.called.append((delay, callback)),
            wall=lambda: self.now,
            monotonic=lambda: self.now,
        )
        outboxes = {name: Outbox(self.called) for name in self.platform.accounts}
        self.caller = Caller(self.platform, outboxes, lambda: self.now)
        self.tokens = {name: self.fetch_token(name) for name in self.platform.accounts}

    def fetch_token(self, name):
        facts = self.platform.accounts[name].facts
        if facts.kind == "wecom":
            return self.ask("GET", "/cgi-bin/gettoken", corpid=facts.app_id, corpsecret=facts.app_secret)[
                "access_token"
            ]
        body = {"grant_type": "client_credential", "appid": facts.app_id, "secret": facts.app_secret}
        return self.ask("POST", "/cgi-bin/stable_token", body)["access_token"]

    def reply(self, method, path, body=b"", **query):
        """The raw reply; bodies other than bytes are sent as JSON."""
        if not isinstance(body, bytes):
            body = json.dumps(body, ensure_ascii=False).encode()
        return self.platform.handle(Request(method.encode(), path.encode(), urlencode(query).encode(), body))

    def ask(self, method, path, body=b"", **query):
        return json.loads(self.reply(method, path, body, **query).body)

    def post(self, path, body, account="", **query):
        """POST with the account's token; the answer."""
        return self.ask("POST", f"/cgi-bin/{path}", body, access_token=self._token(account), **query)

    def get(self, path, account="", **query):
        return self.ask("GET", f"/cgi-bin/{path}", access_token=self._token(account), **query)

    def code(self, path, body, account=""):
        return self.post(path, body, account)["errcode"]

    def fire(self, **order):
        return self.caller.fire(orders.Fire(**order))

    def prompt(self, **order):
        return self.caller.prompt(orders.Prompt(**order))

    def interact(self, **order):
        return self.caller.interact(orders.Interact(**order))

    def rows(self):
        return self.ledger.sends.page(0)

    def xml(self):
        """The bodies of all callbacks so far."""
        return [callback.xml.decode() for _, callback in self.called]

    def _token(self, account):
        return self.tokens[account or next(iter(self.tokens))]


@pytest.fixture
def world():
    """Makes a platform with the options given."""
    return World


@pytest.fixture
def wecom():
    """Makes a platform whose only account is a WeCom application."""

    def wecom(**options):
        facts = {name: getattr(WECOM, name) for name in WECOM.__struct_fields__}
        return World(**facts | options)

    return wecom
