"""The platform's error codes as data: what each of them means for a push.

Source: the official accounts' global return codes and the pages of the single interfaces, with the community's findings
where those are silent. WeCom gives other meanings to some of the same numbers and needs a table of its own.
Codes are matched by number, never by text.
"""

from collections.abc import Mapping
from enum import Enum

from msgspec import Struct


class Meaning(Enum):
    """What a code calls for."""

    RETRY = "retry"
    """Transient: back off and repeat."""
    SLOW_RETRY = "slow_retry"
    """This recipient or message only: repeat after `seconds`."""
    PAUSE = "pause"
    """The whole API of this account: nothing for `seconds`."""
    TOKEN = "token"  # noqa: S105 - the name of a verdict
    """Refresh the access token, then repeat."""
    DAY_QUOTA = "day_quota"
    """Park the API until the platform's day turns."""
    MONTH_QUOTA = "month_quota"
    """Park the API until the platform's month turns."""
    MINUTE_QUOTA = "minute_quota"
    """Park the API until the next clock minute."""
    DUPLICATE = "duplicate"
    """Already done: as good as sent."""
    RECIPIENT = "recipient"
    """This recipient takes nothing: mark until the next subscribe event."""
    RECIPIENT_NOW = "recipient_now"
    """This recipient does not take this message; says nothing about others."""
    REQUEST = "request"
    """The request is wrong and stays so."""
    REQUEST_ONCE_MORE = "request_once_more"
    """Probably wrong, sporadically not: one repeat after `seconds`."""
    ACCOUNT = "account"
    """A person must act; the whole account stops for `seconds`."""


class Rule(Struct, frozen=True):
    """A code's meaning, and for how long where that is not in the meaning."""

    meaning: Meaning
    seconds: float = 0


STOP_SECONDS = 300.0
REPEAT_SECONDS = 60.0
UNKNOWN = Rule(Meaning.REQUEST_ONCE_MORE, REPEAT_SECONDS)
"""A code in no table: one delayed repeat, then dead; never without end."""


def _rules() -> dict[int, Rule]:
    rules: dict[int, Rule] = {}

    def put(meaning: Meaning, *codes: int, seconds: float = 0) -> None:
        for code in codes:
            rules[code] = Rule(meaning, seconds)

    # 45066: the same clientmsgid again too soon, the page asks for a minute.
    put(Meaning.RETRY, -1, 61450, 9001002, 43108)
    put(Meaning.SLOW_RETRY, 45066, seconds=60)
    # 43117: too many to this openid; "please try later", minutes by experience.
    put(Meaning.SLOW_RETRY, 43117, seconds=180)
    # 45102: this api has been blocked temporarily.
    put(Meaning.PAUSE, 45102, seconds=180)
    put(Meaning.TOKEN, 40001, 40014, 42001)
    put(Meaning.DAY_QUOTA, 45009, 45028, 45029, 45093)
    put(Meaning.MINUTE_QUOTA, 45011)
    put(Meaning.MONTH_QUOTA, 45040, 48006)
    put(Meaning.DUPLICATE, 45065, 40241, 44007)
    # 40003 (invalid openid) marks too: an openid that the account never issued stays invalid; it is the account and
    # recipient together that are marked, and a subscribe event lifts the mark.
    put(Meaning.RECIPIENT, 40003, 43004, 43019, 46004, 48002, 50005, 40132)
    # 43101 is a refusal of one template. 50002 is "user limited" or "interface banned" by the source one believes.
    # 45015 and 45047 wait for the recipient to write again, which is not the push's to wait for.
    put(Meaning.RECIPIENT_NOW, 43101, 50002, 45015, 45047)
    put(Meaning.REQUEST_ONCE_MORE, 40037, seconds=REPEAT_SECONDS)
    put(
        Meaning.REQUEST,
        41001, 45067, 45080, 45081, 40031, 40032, 40130, 40004, 40005, 40006, 40007, 40008, 40009, 40010, 40011, 40012,
        40033, 40035, 40097, 61451, 40036, 40038, 40039, 40048, 40066, 40059, 40118, 40121, 40137, 40165, 40166, 40200,
        40201, 40202, 40203, 41002, 41004, 41006, 41009, 41028, 41029, 41030, 43001, 43002, 43003, 44001, 44002, 44003,
        44004, 45001, 45002, 45003, 45004, 45005, 45006, 45007, 45008, 45012, 45013, 45014, 45026, 45027, 45050, 45051,
        45072, 45083, 45084, 45159, 45168, 46001, 46101, 47001, 47002, 47003, 48008, 48009, 45103, 45109, 48011, 43116,
        87009, 87014, 76021, 76022,
    )  # fmt: skip
    put(
        Meaning.ACCOUNT,
        40002, 40013, 40125, 40164, 45035, 61004, 40243, 43104, 43106, 43107, 48004, 50001, 50004, 61003, 61007,
        89503, 89501,
        seconds=STOP_SECONDS,
    )  # fmt: skip
    # 89507 and 89506: the administrator refused, for an hour and for a day.
    put(Meaning.ACCOUNT, 89507, seconds=3600)
    put(Meaning.ACCOUNT, 89506, seconds=86_400)
    # The account may not use this one API (48001), or is punished in it; its other APIs go on.
    put(Meaning.PAUSE, 45087, 45094, 48001, 48003, seconds=STOP_SECONDS)
    return rules


OFFICIAL: Mapping[int, Rule] = _rules()
"""Official accounts (公众号)."""


def label(errcode: int) -> str:
    """The code as a metric label: only codes that a table knows, so that a label never grows without bound."""
    return str(errcode) if errcode == 0 or errcode in OFFICIAL else "other"
