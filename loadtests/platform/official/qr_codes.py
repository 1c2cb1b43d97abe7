"""Parameter QR codes: what may be asked for, and the tickets that stand for them (§4.8)."""

import secrets
from typing import Literal

from msgspec import Struct

from loadtests.platform.refusal import RefusedError

LONGEST = 2_592_000
DEFAULT_SECONDS = 60
PERMANENT = 100_000
_SCENE_CHARACTERS = 64

Action = Literal["QR_SCENE", "QR_STR_SCENE", "QR_LIMIT_SCENE", "QR_LIMIT_STR_SCENE"]


class Scene(Struct, frozen=True):
    scene_id: int | None = None
    scene_str: str | None = None


class ActionInfo(Struct, frozen=True):
    scene: Scene = Scene()


class QrRequest(Struct, frozen=True):
    """The body of qrcode/create."""

    action_name: Action
    expire_seconds: int = DEFAULT_SECONDS
    action_info: ActionInfo = ActionInfo()


class Ticket(Struct, frozen=True):
    """`expire_seconds` is 0 for a permanent code; `url` is what the picture says."""

    ticket: str
    expire_seconds: int
    url: str


class QrCodes:
    """The tickets of one account; temporary ones are forgotten when they expire."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._until: dict[str, float] = {}
        self._permanent = 0

    def create(self, asked: QrRequest, now: float) -> Ticket:
        """A new ticket; refused: 40035 for a scene or a time out of range, 45029 above 100,000 permanent ones."""
        scene = asked.action_info.scene
        limited = asked.action_name.startswith("QR_LIMIT")
        if asked.action_name.endswith("STR_SCENE"):
            good = scene.scene_str is not None and 1 <= len(scene.scene_str) <= _SCENE_CHARACTERS
        else:
            good = scene.scene_id is not None and 1 <= scene.scene_id <= (PERMANENT if limited else 2**32 - 1)
        if not good or (not limited and not 1 <= asked.expire_seconds <= LONGEST):
            raise RefusedError(40035)
        if limited:
            if self._permanent >= PERMANENT:
                raise RefusedError(45029)
            self._permanent += 1
        ticket = f"gQ{self._name}{secrets.token_urlsafe(48)}=="
        self._until[ticket] = float("inf") if limited else now + asked.expire_seconds
        if len(self._until) > 2 * PERMANENT:
            self._until = {each: until for each, until in self._until.items() if until > now}
        seconds = 0 if limited else asked.expire_seconds
        return Ticket(ticket, seconds, f"http://weixin.qq.com/q/{ticket[2:24]}")

    def knows(self, ticket: str, now: float) -> bool:
        return self._until.get(ticket, 0) > now
