"""One API of one account as its feeder and the senders share it, in one process."""

from pushers.restraints.breaker import Breaker
from pushers.restraints.retry_budget import RetryBudget
from queues.push import Priority


class Passage:
    """Its window, its repeats, and what is under way.

    `claimed` pushes are held here. `late` sends left when their tokens were void already; each costs another token, so
    that all the same no window sees more than the rate. `unused` tokens were leased and not used; `ordinary` pushes,
    those not of high priority, were claimed: both since the last lease, which books them in the day's ledger.
    """

    __slots__ = ("breaker", "claimed", "late", "ordinary", "retries", "unused")

    def __init__(self, most: int) -> None:
        self.breaker = Breaker(most)
        self.retries = RetryBudget()
        self.claimed = 0
        self.late = 0
        self.unused = 0
        self.ordinary = 0

    def took(self, priority: Priority) -> None:
        """A push was claimed."""
        self.ordinary += priority != "high"

    def put_back(self, priority: Priority) -> None:
        """A claim was put back that had no token."""
        self.ordinary -= priority != "high"

    def give_back(self, priority: Priority) -> None:
        """A claim and its token were not used."""
        self.unused += 1
        self.put_back(priority)
