"""What a Locust process is told: Locust's own arguments of the scenarios, each also an environment variable.

Pure on purpose: `loadtests.load` writes the environment, `lifecycle` turns the fields into Locust's arguments, and
Locust hands a master's values on to its workers.
"""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from loadtests.platform.options import CallbackKeys, Mode
from loadtests.scenarios import catalog
from loadtests.scenarios.catalog import Plan, Scenario

ENVIRONMENT_PREFIX = "TIDEGATE_LOAD_"

_Size = Annotated[float, Meta(ge=0)]


class LoadOptions(Struct, frozen=True, kw_only=True):
    """One run's options.

    `scale`, `seconds`, `peak_users` and `capacity` as in `catalog.plan`, 0 the scenario's own. `account` is its name in
    callback paths and pushes; `token`, `aes_key`, `app_id`, `original_id` and `mode` are those of its callbacks,
    `upstream_key` the bearer key of pushes. `ledger` is the folder that every process writes its rows to; without one
    there is nothing to audit. `late` are the seconds after which an acknowledgement counts as late, and
    `repeat_share` of the acknowledged callbacks are delivered once more, as happens when the platform misses an answer.
    """

    scale: _Size = 0
    seconds: _Size = 0
    peak_users: Annotated[int, Meta(ge=0)] = 0
    capacity: _Size = 0
    account: str = "demo"
    token: str = ""
    aes_key: str = ""
    app_id: str = ""
    original_id: str = ""
    mode: Mode = "plaintext"
    upstream_key: str = ""
    ledger: str = ""
    late: _Size = 1.0
    repeat_share: Annotated[float, Meta(ge=0, le=1)] = 0.1

    def plan(self, scenario: Scenario) -> Plan:
        """Raises ValueError for sizes that make no sense."""
        return catalog.plan(
            scenario, scale=self.scale, seconds=self.seconds, users=self.peak_users, capacity=self.capacity
        )

    @property
    def keys(self) -> CallbackKeys:
        """Those of the callbacks."""
        return CallbackKeys(
            token=self.token,
            aes_key=self.aes_key,
            app_id=self.app_id,
            original_id=self.original_id,
            mode=self.mode,
        )

    def environ(self) -> dict[str, str]:
        """The environment that says the same. Secrets go this way: a command line shows in every process list."""
        values = msgspec.to_builtins(self)
        return {environment_name(name): str(value) for name, value in values.items() if value != ""}


HELP: Mapping[str, str] = {
    "scale": "share of the scenario's full size",
    "seconds": "how long the curve is drawn out",
    "peak_users": "users at the peak (default: as many as the scenario's rate for each takes)",
    "capacity": "overload_ramp: callbacks a second that the target can do",
    "account": "the account's name in paths and pushes",
    "token": "the token that signs callbacks",
    "aes_key": "the EncodingAESKey, for compatible and secure mode",
    "app_id": "the account's app_id",
    "original_id": "the account's original id (gh_…)",
    "mode": "plaintext, compatible or secure",
    "upstream_key": "the bearer key that may enqueue pushes",
    "ledger": "folder for the ledgers the audit reads",
    "late": "seconds after which an acknowledgement counts as late",
    "repeat_share": "share of acknowledged callbacks that come once more",
}

SECRETS = frozenset({"token", "aes_key", "upstream_key"})


def environment_name(field: str) -> str:
    return ENVIRONMENT_PREFIX + field.upper()


def read_options(values: Mapping[str, object]) -> LoadOptions:
    """The options among all of Locust's parsed arguments. Raises ValueError naming the argument."""
    given = {name: values[name] for name in LoadOptions.__struct_fields__ if values.get(name) is not None}
    try:
        # Locust's web page and its environment variables give text where a number is meant.
        return msgspec.convert(given, LoadOptions, strict=False)
    except msgspec.ValidationError as error:
        raise ValueError(f"{error}") from error
