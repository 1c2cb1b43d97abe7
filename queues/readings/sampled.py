"""Whose the ids of one set are, from a sample of them (`sampling.lua`)."""

from collections.abc import Sequence


def shares(sampled: Sequence[bytes | int]) -> dict[bytes, int]:
    """How many of the set belong to each queue: the sample's shares of the whole, which they add up to."""
    count, *flat = sampled
    found = {bytes(name): int(number) for name, number in zip(flat[::2], flat[1::2], strict=True) if name}
    seen = sum(found.values())
    given = begun = 0
    for name, number in found.items():
        begun += number
        upto = round(int(count) * begun / seen)
        found[name] = upto - given
        given = upto
    return found
