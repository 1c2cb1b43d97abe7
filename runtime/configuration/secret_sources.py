"""Where a secret really stands: `env:NAME`, `file:PATH`, or the text itself."""

from collections.abc import Mapping
from pathlib import Path


class MissingSecretError(Exception):
    """The place a secret was said to stand has none; `str()` says which place, never a secret."""


def resolve_secret(text: str, environ: Mapping[str, str]) -> str:
    """Return the secret that `text` names; one trailing newline of a file is not part of it.

    Raises:
        MissingSecretError: The variable is not set or empty, or the file cannot be read or is empty.
    """
    scheme, separator, place = text.partition(":")
    if not separator or scheme not in {"env", "file"}:
        return text
    if scheme == "env":
        value = environ.get(place, "")
        if not value:
            raise MissingSecretError(f"the environment variable {place} is not set")
        return value
    return _read_secret(Path(place))


def _read_secret(path: Path) -> str:
    try:
        value = path.read_text("utf-8").removesuffix("\n").removesuffix("\r")
    except OSError as error:
        raise MissingSecretError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise MissingSecretError(f"{path} is not UTF-8 text") from None
    if not value:
        raise MissingSecretError(f"{path} is empty")
    return value
