"""docs/configuration.md has every key that there is, with its default, and no other; the example can be loaded."""

import tomllib

import msgspec
import pytest
from msgspec import Struct

from gateway.pushes.pictures.settings import PictureSettings
from gateway.settings import ServerSettings, TlsSettings, Upstream
from gateway.upstream_key import UpstreamKey
from monitoring.settings import MetricsSettings, TracingSettings
from pushers.settings import PusherSettings
from queues.account import Account, TemplateLimit, Webhook
from queues.quiet import QuietHours
from queues.secret import Secret
from queues.settings import StoreSettings
from runtime.configuration.log_settings import LogSettings
from runtime.configuration.settings import Settings, load_settings
from tests.docs.pages import ROOT, rows, section

PAGE = (ROOT / "docs" / "configuration.md").read_text()
TABLES = {
    "## `[server]`": ServerSettings,
    "## `[server.tls]`": TlsSettings,
    "## `[store]`": StoreSettings,
    "## `[pushers]`": PusherSettings,
    "## `[metrics]`": MetricsSettings,
    "## `[logs]`": LogSettings,
    "## `[tracing]`": TracingSettings,
    "## `[pictures]`": PictureSettings,
    "## `[[accounts]]`": Account,
    "### `[accounts.limits.template.templates.TEMPLATE_ID]`": TemplateLimit,
    "### `[accounts.quiet_hours]`": QuietHours,
    "### `[accounts.webhook]`": Webhook,
    "## `[[upstreams]]`": Upstream,
}


def documented(heading: str) -> dict[str, str]:
    """The keys of a table, each with the cell of its default."""
    return {key.strip(" `"): cells[1] for cells in rows(section(PAGE, heading)) for key in cells[0].split(",")}


@pytest.mark.parametrize(("heading", "table"), TABLES.items())
def test_every_key_is_in_its_table_and_no_other(heading, table):
    tables_of_their_own = {"tls", "quiet_hours", "webhook"}
    fields = {field.encode_name for field in msgspec.structs.fields(table)} - tables_of_their_own
    assert documented(heading).keys() == fields


@pytest.mark.parametrize(("heading", "table"), TABLES.items())
def test_every_default_is_the_one_that_holds(heading, table):
    cells = documented(heading)
    for field in msgspec.structs.fields(table):
        default = "" if isinstance(field.default, Secret | UpstreamKey) and not field.default else field.default
        written = cells.get(field.encode_name, "")
        if written.startswith("`"):
            stands = tomllib.loads(f"default = {written.strip('`')}")["default"]
            assert (tuple(stands) if isinstance(stands, list) else stands) == default, field.encode_name
        else:  # it must be given, or there is nothing, or the words say which
            assert default is msgspec.NODEFAULT or not default or isinstance(default, Struct), field.encode_name


def test_every_table_is_on_the_page():
    assert {f"## `[{name}]`" for name in Settings.__struct_fields__} - TABLES.keys() == {
        "## `[accounts]`",
        "## `[upstreams]`",
    }


def test_the_example_is_a_configuration():
    assert load_settings(ROOT / "docs" / "tidegate.example.toml", {}).accounts
