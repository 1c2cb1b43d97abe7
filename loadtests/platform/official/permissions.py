"""Who accepted which subscription template, and how many messages that still allows (§4.3)."""


class Permissions:
    """Messages left by openid and template. `allowance` is what everybody has from the start; -1 has no end."""

    def __init__(self, allowance: int = 0) -> None:
        self._allowance = allowance
        self._left: dict[tuple[str, str], int] = {}
        self._rejected: set[tuple[str, str]] = set()

    def accept(self, openid: str, template_id: str) -> None:
        """One accepted prompt is one message."""
        pair = (openid, template_id)
        self._rejected.discard(pair)
        self._left[pair] = self.left(openid, template_id) + 1 if self._allowance >= 0 else 1

    def reject(self, openid: str, template_id: str) -> None:
        """The person withdrew; nothing is left."""
        pair = (openid, template_id)
        self._rejected.add(pair)
        self._left[pair] = 0

    def left(self, openid: str, template_id: str) -> int:
        """Messages left; without an end there is always one."""
        pair = (openid, template_id)
        if pair in self._rejected:
            return 0
        if self._allowance < 0:
            return 1
        return self._left.get(pair, self._allowance)

    def spend(self, openid: str, template_id: str) -> bool:
        """Use one message up; False if there is none."""
        left = self.left(openid, template_id)
        if not left:
            return False
        if self._allowance >= 0:
            self._left[openid, template_id] = left - 1
        return True
