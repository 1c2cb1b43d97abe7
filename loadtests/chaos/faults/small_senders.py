"""What is measured of small senders beside a large one, whatever that one does."""

from collections.abc import Mapping

from loadtests.chaos.evidence import Figure, most, total

SMALL_SENDERS: Mapping[str, Figure] = {
    "small_p99_seconds": Figure("p99 of what small senders wait for beside a neighbour", most("small_p99_seconds")),
    "small_p99_ratio": Figure("the same as a multiple of their p99 alone", most("small_p99_ratio")),
    "small_missing": Figure("pushes of small senders that were refused, or not sent in time", total("small_missing")),
}
