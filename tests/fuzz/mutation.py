"""Good inputs with something done to them, which gets deeper than bytes at random."""

from collections.abc import Sequence

from hypothesis import strategies as st

_MOST_EDITS = 6
_LONGEST_COPY = 64


@st.composite
def mutated(draw: st.DrawFn, samples: Sequence[bytes], scraps: Sequence[bytes]) -> bytes:
    """A sample after some edits; `scraps` are what may be put in, besides any bytes and parts of the sample itself."""
    data = bytearray(draw(st.sampled_from(samples)))
    for _ in range(draw(st.integers(0, _MOST_EDITS))):
        at = draw(st.integers(0, len(data)))
        end = min(len(data), at + draw(st.integers(0, _LONGEST_COPY)))
        match draw(st.sampled_from(["put in", "replace", "remove", "repeat", "cut off"])):
            case "put in":
                data[at:at] = draw(_scrap(scraps))
            case "replace":
                data[at:end] = draw(_scrap(scraps))
            case "remove":
                del data[at:end]
            case "repeat":
                data[at:at] = data[at:end] * draw(st.integers(1, 20))
            case _:
                del data[at:]
    return bytes(data)


def _scrap(scraps: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    return st.sampled_from(scraps) | st.binary(max_size=8)
