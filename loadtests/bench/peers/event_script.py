"""The one script of the callback peers, and its loading."""

from pathlib import Path
from typing import Any


def load_event_script(client: Any) -> str:
    """Load it into a peer's store; the SHA-1 to call it by."""
    return str(client.script_load((Path(__file__).parent / "append_event.lua").read_text()))
