"""Why a call is refused: raised by the simulator's cores, and answered at the front door."""

from collections.abc import Mapping

from loadtests.platform.answers import NOTHING


class RefusedError(Exception):
    """An errcode; `detail` follows its text, and `extra` are fields of the answer beside errcode and errmsg."""

    def __init__(self, errcode: int, detail: str = "", extra: Mapping[str, int] = NOTHING) -> None:
        super().__init__(errcode, detail)
        self.errcode = errcode
        self.detail = detail
        self.extra = extra


def pass_or_refuse(errcode: int) -> None:
    """Raise RefusedError for any errcode but 0."""
    if errcode:
        raise RefusedError(errcode)
