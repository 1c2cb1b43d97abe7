"""The configuration changed under load: an account, a limit, a key."""

import random
import re
import time
from collections.abc import Mapping
from typing import ClassVar

import trio

from loadtests.chaos.evidence import Figure, total
from loadtests.chaos.faults.fault import Fault
from loadtests.chaos.faults.restart import replace_workers
from loadtests.chaos.scene import Scene
from loadtests.fetcher import fetch
from loadtests.http_client import Answer
from loadtests.platform.callback_crypto import sign
from loadtests.stand.configuration import UPSTREAM_KEY

_NEW_KEY = "another-upstream-key"
_ACCOUNT = """
[[accounts]]
name = "{name}"
app_id = "wx00000000000000ff"
app_secret = "{token}"
token = "{token}"
"""
_TOKEN = "reloadedAccount"  # noqa: S105  made up, of an account that is
_OK = 200


class Reload(Fault, frozen=True, kw_only=True, tag="reload"):
    """Write another configuration, and send SIGHUP.

    The account `account` is new, the limit is `per_second`, and the upstream's key another one, the key that the load
    goes on using being the one before.
    """

    figures: ClassVar[Mapping[str, Figure]] = {
        "reloaded": Figure("reloads after which the new account was served", total("reloaded")),
    }

    account: str = "second"
    per_second: int = 1_000

    async def commit(self, scene: Scene, chance: random.Random) -> None:
        stand = scene.stand
        happening = scene.begin("reload", self.account)
        file = stand.configuration
        text = re.sub(r"per_second = \d+", f"per_second = {self.per_second}", file.read_text())
        keys = f'key = "{_NEW_KEY}"\nprevious_key = "{UPSTREAM_KEY}"'
        text = text.replace(f'key = "{UPSTREAM_KEY}"', keys) + _ACCOUNT.format(name=self.account, token=_TOKEN)
        file.write_text(text)
        happening.note = await replace_workers(stand.serve_pid)
        happening.healed = trio.current_time()
        happening.measured["reloaded"] = float(
            await trio.to_thread.run_sync(_is_served, stand.gateway_url, self.account)
        )


def _is_served(gateway_url: str, account: str) -> bool:
    """Ask it for its echostr, as the platform's console does."""
    now = str(int(time.time()))
    query = f"signature={sign(_TOKEN, now, 'n')}&timestamp={now}&nonce=n&echostr=hello"
    return fetch(f"{gateway_url}/callback/{account}?{query}") == Answer(_OK, b"hello")
