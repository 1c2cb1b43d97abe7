"""The platform's error codes: what each of them means for a push, as data.

How it works: `official.csv` and `wecom.csv` hold a row a code, read once at import. WeCom gives other meanings to some
of the same numbers, so there are two tables. `pushers.verdict` makes a verdict of a rule; `docs/errcodes.md` is
written from the same rows (`python -m pushers.errcodes.page`).
"""

from pushers.errcodes.rule import UNKNOWN, Kind, Rule, Scope
from pushers.errcodes.table import OFFICIAL, TABLES, WECOM, label

__all__ = ["OFFICIAL", "TABLES", "UNKNOWN", "WECOM", "Kind", "Rule", "Scope", "label"]
