"""What this build is called."""

import os
from typing import Final

VERSION: Final = "0.1.0"
"""The same as in pyproject.toml (a test compares them): a checkout that is not installed has no package metadata."""


def commit() -> str:
    """The commit this was built from, as the image or unit file says in `TIDEGATE_COMMIT`."""
    return os.environ.get("TIDEGATE_COMMIT", "unknown")
