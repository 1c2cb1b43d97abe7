"""Makes callbacks at a control's word: messages, events, answers to subscription prompts (§1.6–1.8)."""

import itertools
from collections.abc import Callable, Mapping

from loadtests.http_client import parse_target
from loadtests.platform import callbacks, events, orders
from loadtests.platform.app import Account, Platform
from loadtests.platform.callbacks import Callback
from loadtests.platform.markup import Value
from loadtests.platform.official.account import OfficialAccount
from loadtests.platform.official.custom_windows import trigger_of
from loadtests.platform.outbox import Outbox


class Caller:
    """What a person does, as the platform sees it: a callback, and what follows from it for later calls."""

    def __init__(self, platform: Platform, outboxes: Mapping[str, Outbox], wall: Callable[[], float]) -> None:
        self._platform = platform
        self._outboxes = outboxes
        self._wall = wall
        self._msgids = itertools.count(int(wall() * 1000) << 14)

    def fire(self, order: orders.Fire) -> dict[str, str]:
        """One message or event. Raises ValueError for an order that is neither or both."""
        if sum(map(bool, (order.event, order.text, order.type))) != 1:
            raise ValueError("give either an event or a text, or a type with fields")
        account = self._platform.account(order.account)
        fired = self._make(account, order)
        if order.event in {"subscribe", "unsubscribe"}:
            account.recipients.set_follows(order.openid, order.event == "subscribe")
        trigger = trigger_of(order.event)
        if isinstance(account, OfficialAccount) and trigger is not None:
            account.windows.trigger(order.openid, trigger, self._wall())
        self._outboxes[account.name].emit(0, fired)
        return {"type": fired.type, "msgid": fired.msgid}

    def _make(self, account: Account, order: orders.Fire) -> Callback:
        now = int(self._wall())
        fields: dict[str, Value] = dict(order.fields)
        if isinstance(account, OfficialAccount):
            to = account.facts.original_id
            if order.text and not fields:
                return callbacks.text(to, order.openid, now, next(self._msgids), order.text)
            if order.event and not fields:
                return callbacks.event(to, order.openid, now, order.event, key=order.key)
        else:
            to = account.facts.app_id
            fields["AgentID"] = account.facts.agent_id
        if order.event:
            key: dict[str, Value] = {"EventKey": order.key} if order.key or order.event == "enter_agent" else {}
            return events.event(to, order.openid, now, order.event, {**key, **fields})
        text: dict[str, Value] = {"Content": order.text} if order.text else {}
        kind = order.type or "text"
        return events.message(to, order.openid, now, kind, next(self._msgids), fields={**text, **fields})

    def prompt(self, order: orders.Prompt) -> dict[str, int]:
        """A choice about a subscription template; the answer says how many messages are left."""
        account = self._official(order.account)
        now, to = int(self._wall()), account.facts.original_id
        if order.choice == "accept":
            account.permissions.accept(order.openid, order.template_id)
        else:
            account.permissions.reject(order.openid, order.template_id)
        if order.choice == "change":
            made = events.subscribe_changed(to, order.openid, now, order.template_id)
        else:
            choices = [(order.template_id, order.choice)]
            made = events.subscribe_prompted(to, order.openid, now, choices, scene=order.scene)
        self._outboxes[account.name].emit(0, made)
        return {"left": account.permissions.left(order.openid, order.template_id)}

    def interact(self, order: orders.Interact) -> dict[str, str]:
        """Open a customer-service window, as if the person had done something."""
        account = self._official(order.account)
        account.windows.trigger(order.openid, order.trigger, self._wall())
        return {"trigger": order.trigger}

    def point(self, account: Account, url: str) -> None:
        """Send an account's callbacks to a url from now on; empty: nowhere."""
        target = parse_target(url) if url else None
        account.callback_host = target.host if target else ""
        self._outboxes[account.name].deliverer.target = target

    def _official(self, name: str) -> OfficialAccount:
        account = self._platform.account(name)
        if isinstance(account, OfficialAccount):
            return account
        raise ValueError(f"account: {account.name} is no official account")
