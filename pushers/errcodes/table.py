"""The two tables, read from the files beside this one.

Sources: the platforms' lists of global return codes and the pages of the single interfaces, with the community's
findings where those are silent. Codes are matched by number, never by text.
"""

import csv
from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

import msgspec

from pushers.errcodes.rule import Rule, split_wait


def _read(name: str) -> Mapping[int, Rule]:
    """One file. Raises ValueError for a row that is no rule, or a code that stands there twice."""
    rules: dict[int, Rule] = {}
    with (files(__package__) / f"{name}.csv").open(encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            wait, period = split_wait(row["wait"])
            code = int(row["code"])
            if code in rules:
                raise ValueError(f"{name}.csv: {code} stands there twice")
            rules[code] = msgspec.convert(
                {
                    "kind": row["class"],
                    "scope": row["scope"],
                    "wait": wait,
                    "period": period,
                    "repeats": int(row["repeats"]) if row["repeats"] else None,
                    "errmsg": row["errmsg"],
                    "action": row["action"],
                },
                Rule,
            )
    return MappingProxyType(rules)


OFFICIAL = _read("official")
"""Official accounts (公众号)."""
WECOM = _read("wecom")
"""WeCom apps (企业微信)."""

TABLES: Mapping[Literal["official", "wecom"], Mapping[int, Rule]] = {"official": OFFICIAL, "wecom": WECOM}
"""By an account's `kind`."""


def label(errcode: int) -> str:
    """The code as a metric label: only codes that a table knows, so that a label never grows without bound."""
    return str(errcode) if errcode == 0 or errcode in OFFICIAL or errcode in WECOM else "other"
