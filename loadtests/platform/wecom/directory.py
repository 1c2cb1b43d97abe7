"""Who can be reached by an application: a made-up directory (§4.10).

Any userid is a member, less those that the share of the unreachable hits; a party or a tag is a number and has ten
members of its own.
"""

from msgspec import Struct

from loadtests.platform.recipients import Recipients
from loadtests.platform.wecom.message import Addressees

GROUP = 10


class Reached(Struct, frozen=True):
    """The people reached, each once, and the ids that were invalid, as the answer gives them."""

    people: tuple[str, ...]
    invalid_users: str
    invalid_parties: str
    invalid_tags: str


class Directory:
    """`members` are those that `@all` reaches, beside any userid that is named."""

    def __init__(self, recipients: Recipients, members: int) -> None:
        self._recipients = recipients
        self._members = members

    def reach(self, to: Addressees) -> Reached:
        if to.everyone:
            everyone = (f"member{number}" for number in range(self._members))
            return Reached(tuple(each for each in everyone if self._recipients.follows(each)), "", "", "")
        # userids are compared without case, and invalid ones come back in lower case
        users = [each.lower() for each in to.users]
        people = [each for each in users if self._recipients.follows(each)]
        for kind, ids in (("party", to.parties), ("tag", to.tags)):
            people += [f"{kind}{each}-{number}" for each in ids if _exists(each) for number in range(GROUP)]
        return Reached(
            tuple(dict.fromkeys(people)),
            "|".join(each for each in users if not self._recipients.follows(each)),
            "|".join(each for each in to.parties if not _exists(each)),
            "|".join(each for each in to.tags if not _exists(each)),
        )


def _exists(number: str) -> bool:
    return number.isdigit() and int(number) > 0
