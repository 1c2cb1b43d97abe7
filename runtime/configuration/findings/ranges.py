"""What one value of a key may be."""

import re
from collections.abc import Iterator, Sequence

from runtime.configuration.addresses import is_web_address, parse_address
from runtime.configuration.reader import Path

Finding = tuple[Path, str]
"""A key and what is wrong with it."""

MAX_SECONDS = 366 * 86_400.0
_LEAST_RATE, _MAX_RATE = 0.001, 1e6
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_NAME_WORDS = "expected 1 to 63 of a-z, 0-9, _ and -, beginning with a letter or digit"


def name(path: Path, text: str, taken: Sequence[str]) -> Iterator[Finding]:
    if not _NAME.fullmatch(text):
        yield path, f'{_NAME_WORDS}, got "{text[:80]}"'
    elif text in taken:
        yield path, f'"{text}" is there twice; names must differ'


def url(path: Path, text: str, example: str) -> Iterator[Finding]:
    if not is_web_address(text):
        yield path, f"expected a URL such as {example}"


def address(path: Path, text: str) -> Iterator[Finding]:
    try:
        parse_address(text)
    except ValueError as error:
        yield path, str(error)


def at_least(path: Path, number: float, low: int) -> Iterator[Finding]:
    if not number >= low:
        yield path, f"expected {low} or more, got {number:.15g}"


def between(path: Path, number: float, low: float, high: float) -> Iterator[Finding]:
    if not low <= number <= high:
        yield path, f"expected {low:.15g} to {high:.15g}, got {number:.15g}"


def duration(path: Path, seconds: float) -> Iterator[Finding]:
    if not 0 < seconds <= MAX_SECONDS:
        yield path, f"expected seconds above 0 and up to {MAX_SECONDS:.0f}, got {seconds:.15g}"


def rate(path: Path, per_second: float) -> Iterator[Finding]:
    if per_second and not _LEAST_RATE <= per_second <= _MAX_RATE:
        yield path, f"expected 0 (unlimited), or {_LEAST_RATE:g} to {_MAX_RATE:.0f}, got {per_second:.15g}"
