"""What the tests of the configuration read."""

from pathlib import Path

import pytest

from runtime.configuration.settings import Settings, load_settings
from runtime.errors import ConfigurationError

ACCOUNT = """
[[accounts]]
name = "traffic"
app_id = "wx0123456789abcdef"
app_secret = "hush-hush"
token = "callback9"
"""
UPSTREAM = """
[[upstreams]]
name = "violations"
key = "upstream-key-1"
"""


def load(text: str, environ: dict[str, str] | None = None) -> Settings:
    Path("tidegate.toml").write_text(text, "utf-8")
    return load_settings(Path("tidegate.toml"), environ or {})


def error_of(text: str, environ: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(text, environ)
    assert caught.value.status == 2
    assert "\n" not in str(caught.value)
    return str(caught.value)
