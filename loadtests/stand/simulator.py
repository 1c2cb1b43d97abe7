"""The stand's simulated platform: what it is told on its command line, and while it runs."""

import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

from msgspec.structs import asdict

from loadtests.platform.options import SimulatorOptions
from loadtests.stand.process import READY_SECONDS, StandError


def simulator_flags(options: SimulatorOptions) -> Sequence[tuple[str, object]]:
    """The options of one account that differ from the defaults: fields and values, those with several parts by part."""
    defaults = SimulatorOptions()
    others = {"bind", "faults", "fault_rules"}
    pairs = [(name, getattr(options, name)) for name in options.__struct_fields__ if name not in others]
    plain = [(name, value) for name, value in pairs if value != getattr(defaults, name)]
    rules = (",".join(f"{name}={value}" for name, value in asdict(rule).items()) for rule in options.fault_rules)
    return [
        *plain,
        *(("faults", f"{name}={rate}") for name, rate in options.faults.items()),
        *(("fault_rules", rule) for rule in rules),
    ]


def tell_platform(platform_url: str, control: str, body: Mapping[str, object]) -> None:
    """Use one of the simulator's controls (`/_sim/…`). Raises StandError if it refuses."""
    _post(platform_url, f"/_sim/{control}", body)


def clear_quota(platform_url: str, app_id: str, app_secret: str) -> None:
    """Clear all quotas, as an account's owner may ten times a month. Raises StandError if the platform refuses."""
    _post(platform_url, f"/cgi-bin/clear_quota/v2?{urlencode({'appid': app_id, 'appsecret': app_secret})}", {})


def _post(platform_url: str, target: str, body: Mapping[str, object]) -> None:
    with closing(HTTPConnection(urlsplit(platform_url).netloc, timeout=READY_SECONDS)) as connection:
        connection.request("POST", target, body=json.dumps(body))
        answer = connection.getresponse()
        said = json.loads(answer.read())
    if answer.status != 200 or said.get("errcode"):  # noqa: PLR2004 – OK
        raise StandError(f"the platform refused {target}: {said}")
