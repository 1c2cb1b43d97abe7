"""The day's quotas a new account has by API (§6), and the few minute quotas that are documented (§4.5).

The APIs' names are the simulator's; `docs/simulator.md` says which call is which. The quotas of the token endpoints
stand in `tokens`, they hold always.
"""

from collections.abc import Mapping
from typing import Literal

QuotaTable = Literal["off", "service", "test"]

PER_DAY: Mapping[QuotaTable, Mapping[str, int]] = {
    "off": {},
    "service": {
        "template": 100_000,
        "custom": 500_000,
        "mass": 100,
        "mass_preview": 100,
        "media_upload": 100_000,
        "media_get": 200_000,
        "qrcode": 100_000,
        "user_get": 500,
        "user_info": 5_000_000,
    },
    "test": {
        "template": 100_000,  # none is given for test accounts
        "custom": 50_000,
        "mass": 100,
        "mass_preview": 100,
        "media_upload": 500,
        "media_get": 1_000,
        "qrcode": 10_000,
        "user_get": 100,
        "user_info": 500_000,
    },
}

PER_MINUTE: Mapping[QuotaTable, Mapping[str, int]] = {"off": {}, "service": {"mass": 60}, "test": {"mass": 60}}

CLEARS_PER_MONTH = 10
"""clear_quota, both forms together."""

API_CLEARS_PER_MONTH = 50
"""openapi/quota/clear."""
