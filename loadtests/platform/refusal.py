"""Why a call is refused, as the simulator's cores say it to each other."""

from msgspec import Struct


class Refusal(Struct, frozen=True):
    """An errcode; `detail` follows its text, and `extra` are fields of the answer beside errcode and errmsg."""

    errcode: int
    detail: str = ""
    extra: dict[str, int] = {}
