"""When a fault comes: after some seconds, or once a share of the callbacks has ended."""

from msgspec import Struct


class Moment(Struct, frozen=True):
    """`share` in 0..1 of the callbacks if it is not None, else `seconds` since the load began."""

    seconds: float = 0
    share: float | None = None


def parse_moment(text: str | float) -> Moment:
    """`2.5` or `"40%"`. Raises ValueError for anything else."""
    if isinstance(text, str):
        number = text.removesuffix("%")
        if number == text or not number.replace(".", "", 1).isdigit() or float(number) > 100:  # noqa: PLR2004  all
            raise ValueError(f'`at` is seconds, or a share of the callbacks as in "50%", not {text!r}')
        return Moment(share=float(number) / 100)
    if text < 0:
        raise ValueError("`at` is not before the load begins")
    return Moment(seconds=float(text))
