"""The list of those who follow an account, for user/get and mass messages (§4.5, §4.7)."""

from loadtests.platform.recipients import Recipients

PAGE = 10_000


def openid_of(number: int) -> str:
    """The openid of the follower of that number: 28 characters, as real ones have."""
    return f"oFan{number:024d}"


class Followers:
    """`count` made-up followers, less those who left and more those who came, in a fixed order."""

    def __init__(self, count: int, recipients: Recipients) -> None:
        self._count = count
        self._recipients = recipients

    def all(self) -> list[str]:
        """Every follower now; it walks them all, which is no matter at 500 calls a day."""
        made = (openid_of(number) for number in range(self._count))
        follows = self._recipients.follows
        told = self._recipients.told()
        fans = [openid for openid in made if follows(openid)]
        known = openid_of(self._count)
        return fans + [openid for openid, is_in in told.items() if is_in and not ("oFan" <= openid < known)]

    def page(self, after: str) -> tuple[int, list[str]] | None:
        """The total and the page that follows an openid (empty: the first page); None for one nobody has."""
        everyone = self.all()
        if not after:
            return len(everyone), everyone[:PAGE]
        try:
            begin = everyone.index(after) + 1
        except ValueError:
            return None
        return len(everyone), everyone[begin : begin + PAGE]
