"""What MASSSENDJOBFINISH tells of a mass message: the one receipt that is not about a single person.

Its counts stand in the body beside nested lists, so they are read from there, once, where events are settled. The
gateway has parsed the whole body before, without a DTD.
"""

import json
import re

import msgspec

_COUNTS = {"TotalCount": "total", "FilterCount": "filtered", "SentCount": "sent", "ErrorCount": "failed"}
_COUNT = re.compile(r"\d{1,12}", re.ASCII)  # no account has more followers
_XML = re.compile(rf"<({'|'.join(_COUNTS)})>\s*(?:<!\[CDATA\[)?({_COUNT.pattern})", re.ASCII)


def told_by_mass(status: str, body: bytes) -> str:
    """What the receipt tells, as `receipts.lua` takes it: `success` or the reason, then the counts.

    `send success` says that the job is done, not that it reached everybody: the counts say how many it did.
    """
    counts = {_COUNTS[name]: int(number) for name, number in _numbers(body).items()}
    told = "success" if status.strip().lower() == "send success" else status.strip() or "no status"
    return f"{told}\n{msgspec.json.encode(counts).decode()}" if counts else told


def _numbers(body: bytes) -> dict[str, str]:
    if not body.lstrip().startswith(b"{"):
        return dict(_XML.findall(body.decode("utf-8", "replace")))
    try:
        document = json.loads(body, strict=False)
    except (ValueError, RecursionError):
        return {}
    return {name: number for name in _COUNTS if _COUNT.fullmatch(number := str(document.get(name, "")))}
