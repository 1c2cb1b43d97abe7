"""The stand's simulated platform: what it is told on its command line, and while it runs."""

import json
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from msgspec import Struct
from msgspec.structs import asdict

from loadtests.fetcher import fetch
from loadtests.platform.options import SimulatorOptions
from loadtests.stand.process import READY_SECONDS, StandError


def simulator_flags(options: SimulatorOptions) -> Sequence[tuple[str, object]]:
    """The options that differ from the defaults: fields and values, those with several parts by part."""
    defaults = SimulatorOptions()
    others = {"bind", "faults", "fault_rules", "accounts"}
    pairs = [(name, getattr(options, name)) for name in options.__struct_fields__ if name not in others]
    plain = [(name, value) for name, value in pairs if value != getattr(defaults, name)]
    return [
        *plain,
        *(("faults", f"{name}={rate}") for name, rate in options.faults.items()),
        *(("fault_rules", _parts(rule)) for rule in options.fault_rules),
        *(("accounts", _parts(account)) for account in options.accounts),
    ]


def _parts(several: Struct) -> str:
    return ",".join(f"{name}={value}" for name, value in asdict(several).items() if value != "")


def tell_platform(platform_url: str, control: str, body: Mapping[str, object]) -> None:
    """Use one of the simulator's controls (`/_sim/…`). Raises StandError if it refuses."""
    _post(f"{platform_url}/_sim/{control}", body)


def clear_quota(platform_url: str, app_id: str, app_secret: str) -> None:
    """Clear all quotas, as an account's owner may ten times a month. Raises StandError if the platform refuses."""
    _post(f"{platform_url}/cgi-bin/clear_quota/v2?{urlencode({'appid': app_id, 'appsecret': app_secret})}", {})


def _post(url: str, body: Mapping[str, object]) -> None:
    answer = fetch(url, json.dumps(body).encode(), seconds=READY_SECONDS)
    said = json.loads(answer.body)
    if answer.status != 200 or said.get("errcode"):  # noqa: PLR2004 – OK
        raise StandError(f"the platform refused {url.partition('?')[0]}: {said}")
