"""What the simulator can be told on its command line."""

from typing import Literal

from msgspec import Struct, field

Mode = Literal["plaintext", "compatible", "secure"]


class SimulatorOptions(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One simulated platform with one official account; several accounts are several simulators.

    Times are seconds unless the name says otherwise, shares and fault rates lie in 0..1, and a limit of 0 is no limit.
    With nothing given it is the platform that `demo` runs against: quick, healthy, plaintext, no callbacks until a
    `callback_url` is set (here, or later at `POST /_sim/callback_url`).

    * `jitter`: sigma of the log-normal factor on `latency_ms`; 0 keeps it fixed.
    * `faults`: rates by name: an errcode (`"-1"`, `"45009"`), `http_500`, `garbage`, `no_answer`, `lost_answer`
      (see `loadtests.platform.faults`).
    * `templates`: the template ids that exist; empty means any does.
    * `repeat_errcode`: the answer to a repeated `client_msg_id`; 0 gives the first msgid again, the platform's own
      choice is not documented (§4.1).
    * `callback_pause`: time between a failed delivery and the next; the platform's own is the 5 s it waited (§1.4).
    * `duplicate_share`: callbacks delivered once more after they were answered.
    * `mute_failures`: failed deliveries within `mute_window` that mute the account for `mute_seconds`; 0 never.
    * `ledger_rows`: rows held in memory for each kind; the oldest go first, and the summary says how many went.
    """

    bind: str = "127.0.0.1:8180"
    app_id: str = "wx0000000000000001"
    app_secret: str = "0123456789abcdef0123456789abcdef"  # noqa: S105 - the simulator's own, made up
    token: str = "tidegateDemoToken"  # noqa: S105 - the simulator's own, made up
    aes_key: str = ""
    mode: Mode = "plaintext"
    original_id: str = "gh_000000000001"
    templates: tuple[str, ...] = ()

    latency_ms: float = 0
    jitter: float = 0
    faults: dict[str, float] = field(default_factory=dict)
    per_day: int = 0
    per_minute: int = 0
    concurrency_cap: int = 0
    token_seconds: int = 7200
    repeat_errcode: int = 0
    unsubscribed_share: float = 0

    callback_url: str = ""
    callback_connections: int = 64
    callback_deliveries: int = 3
    callback_seconds: float = 5.0
    callback_pause: float = 0
    duplicate_share: float = 0
    receipt_delay: float = 0.5
    user_block_share: float = 0
    system_failed_share: float = 0
    mute_failures: int = 30
    mute_window: float = 300.0
    mute_seconds: float = 60.0

    seed: int = 1
    ledger_rows: int = 1_000_000
    ledger_path: str = ""
    ledger_max_bytes: int = 1_073_741_824
