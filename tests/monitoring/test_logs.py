"""What a log line holds, and what it must not."""

import json

import pytest
import structlog

from monitoring.logs import MASK, configure_logging, mask_sensitive


@pytest.fixture
def unconfigured():
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def test_a_line_is_one_json_object_with_role_and_pid(unconfigured, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("gateway")
    structlog.get_logger().info("started", port=8080)
    out, err = capsys.readouterr()
    line = json.loads(err)
    assert out == ""
    assert (line["event"], line["level"], line["role"], line["port"]) == ("started", "info", "gateway", 8080)
    assert line["pid"] > 0
    assert line["timestamp"].endswith("Z")


@pytest.mark.parametrize(("level", "shown"), [("debug", 2), ("error", 0)])
def test_the_level_comes_from_the_settings(unconfigured, capsys: pytest.CaptureFixture[str], level, shown) -> None:
    configure_logging("pusher", level=level)
    structlog.get_logger().debug("a")
    structlog.get_logger().warning("b")
    assert len(capsys.readouterr().err.splitlines()) == shown


def test_the_environment_goes_before_the_settings(
    unconfigured, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIDEGATE_LOG", "error")
    configure_logging("pusher", level="debug")
    structlog.get_logger().warning("b")
    assert capsys.readouterr().err == ""


def test_a_level_told_later_counts_for_loggers_that_are_in_use(
    unconfigured, capsys: pytest.CaptureFixture[str]
) -> None:
    log = structlog.get_logger()
    configure_logging("supervisor", again=True)
    log.debug("before")
    configure_logging("supervisor", level="debug", again=True)
    log.debug("after")
    assert [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()] == ["after"]


def test_readable_lines_where_they_are_asked_for(unconfigured, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("gateway", form="console")
    structlog.get_logger().info("started", port=8080)
    assert "started" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_traceback_shows_where_and_not_with_what(unconfigured, capsys: pytest.CaptureFixture[str], form) -> None:
    def fail(key: str) -> None:
        raise ValueError(f"{len(key)} characters")

    configure_logging("gateway", form=form)
    try:
        fail("key-" * 3)
    except ValueError:
        structlog.get_logger().exception("handler failed")
    told = capsys.readouterr().err
    assert "in fail" in told
    assert "12 characters" in told
    assert "key-key-key-" not in told


def test_what_json_does_not_know_is_written_as_its_words(unconfigured, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("gateway")
    structlog.get_logger().info("odd", what={1, 2}, where=OSError("x"))
    assert json.loads(capsys.readouterr().err)["where"] == "OSError('x')"


@pytest.mark.parametrize(("level", "shown"), [("debug", 2), ("error", 0), ("nonsense", 1)])
def test_the_level_comes_from_the_environment(
    unconfigured, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, level: str, shown: int
) -> None:
    monkeypatch.setenv("TIDEGATE_LOG", level)
    configure_logging("pusher")
    structlog.get_logger().debug("a")
    structlog.get_logger().warning("b")
    assert len(capsys.readouterr().err.splitlines()) == shown


def test_a_traceback_stays_within_its_line(unconfigured, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("gateway")
    try:
        int("odd")
    except ValueError:
        structlog.get_logger().exception("failed")
    [line] = capsys.readouterr().err.splitlines()
    assert "ValueError: invalid literal" in json.loads(line)["exception"]


@pytest.mark.parametrize(
    "name",
    [
        "token",
        "access_token",
        "app_secret",
        "key",
        "Authorization",
        "openid",
        "recipient",
        "to",
        "aes_key",
        "idempotency_key",
        "url",
    ],
)
def test_fields_that_may_be_secrets_or_people_are_masked(name: str) -> None:
    assert mask_sensitive(None, "info", {name: "value"}) == {name: MASK}


@pytest.mark.parametrize("name", ["event", "account", "keyboard", "total", "store_pid"])
def test_other_fields_are_kept(name: str) -> None:
    assert mask_sensitive(None, "info", {name: "value"}) == {name: "value"}
