"""What Tidegate is configured with on a stand: one account of the simulated platform's, and one upstream."""

from pathlib import Path

from loadtests.platform.options import SimulatorOptions
from loadtests.push_request import TEMPLATE
from loadtests.stand.options import StandOptions

ACCOUNT = "demo"

_SERVE = """\
[server]
bind = "{bind}"
processes = {options.gateways}

[store]
url = "{store}"
data_dir = "{data}"
durability = "{options.durability}"

[pushers]
processes = {options.pushers}
claim_seconds = {options.claim_seconds}
send_seconds = {options.send_seconds}
max_attempts = {options.max_attempts}

[metrics]
bind = "127.0.0.1:0"

[logs]
level = "{level}"
lines_per_second = {lines_per_second}
"""
_ACCOUNT = """
[[accounts]]
name = "{account}"
app_id = "{platform.app_id}"
app_secret = "{platform.app_secret}"
token = "{platform.token}"
aes_key = "{platform.aes_key}"
original_id = "{platform.original_id}"
api_base = "{api_base}"
{limits}"""
_UPSTREAM = """
[[upstreams]]
name = "{name}"
key = "{key}"
"""
_ONE_MORE = """
[[accounts]]
name = "{name}"
app_id = "{app_id}"
app_secret = "{platform.app_secret}"
token = "{platform.token}"
api_base = "{{platform}}"

[accounts.limits.template]
per_second = {per_second}
"""
_LIMITS = """
[accounts.limits.template]
per_second = {options.per_second}
per_day = {options.per_day}
"""


def upstream_key(name: str) -> str:
    """The key of an upstream of that name."""
    return f"{name}-upstream-key"


UPSTREAM_KEY = upstream_key(ACCOUNT)
"""Of the stand's own upstream, which is named like its account."""


def serve_tables(options: StandOptions, *, bind: str, store: str, data: Path) -> str:
    """All but the account; `store` is the store's address as `serve` is to use it."""
    everything = options.logs == "everything"
    return _SERVE.format(
        options=options,
        bind=bind,
        store=store,
        data=data,
        level="debug" if everything else "info",
        lines_per_second=100_000 if everything else 50,
    )


def account_tables(platform: SimulatorOptions, api_base: str, limits: str = "") -> str:
    """The account and its upstream."""
    account = _ACCOUNT.format(account=ACCOUNT, platform=platform, api_base=api_base, limits=limits)
    return account + one_more_upstream(ACCOUNT)


def one_more_account(platform: SimulatorOptions, name: str, *, per_second: float, app_id: str = "") -> str:
    """An account beside that, for a stand's `more`; without an `app_id` it is the same one on the platform."""
    return _ONE_MORE.format(name=name, app_id=app_id or platform.app_id, platform=platform, per_second=per_second)


def one_more_upstream(name: str, *, per_second: float = 0) -> str:
    """An upstream, for a stand's `more`; it may enqueue `per_second` (0: no limit)."""
    rate = f"per_second = {per_second}\n" if per_second else ""
    return _UPSTREAM.format(name=name, key=upstream_key(name)) + rate


def account_limits(options: StandOptions) -> str:
    """What the account may send of template messages."""
    limits = _LIMITS.format(options=options)
    if options.template_per_second:
        limits += f"templates = {{ {TEMPLATE} = {{ per_second = {options.template_per_second} }} }}\n"
    return limits
