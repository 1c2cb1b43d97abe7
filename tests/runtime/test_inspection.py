"""`check`: what it says of a configuration and a store."""

from pathlib import Path

import pytest

from queues.settings import StoreSettings
from queues.store import Store
from runtime import cli
from runtime.errors import CommandError, ConfigurationError
from runtime.inspection import describe_store, redacted
from tests.runtime.serving import running, write_configuration


def test_a_valid_configuration_is_shown_without_its_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_configuration(tmp_path)
    assert cli.run(["check"]) == 0
    out = capsys.readouterr().out
    assert "account traffic: official, app wx0123456789abcdef, plaintext callbacks, limits: none" in out
    assert "upstream violations: every account" in out
    assert f"data in {tmp_path}/data\nno serve is running on it\n" in out
    assert not (tmp_path / "data").exists()
    for secret in ("hush", "callback9", "upstream-key"):
        assert secret not in out


@pytest.mark.e2e
async def test_the_serve_that_runs_is_found(tmp_path: Path) -> None:
    write_configuration(tmp_path)
    async with running("serve", tmp_path) as serving:
        await serving.ready()
        lines = await describe_store(StoreSettings(data_dir=str(tmp_path / "data")))
    assert f"the serve with pid {serving.process.pid} is running on it" in lines
    assert "durability: fsync (appendonly yes, appendfsync always)" in lines
    assert "shards: 4" in lines


async def test_a_store_is_described_in_its_own_words(store: Store, store_settings: StoreSettings) -> None:
    lines = await describe_store(store_settings)
    assert lines[1].startswith("server: valkey ")
    assert "durability: fsync (appendonly yes, appendfsync always)" in lines
    assert any(line.startswith("memory: ") and line.endswith("policy noeviction") for line in lines)
    assert "shards: 4" in lines


async def test_checking_writes_nothing(store: Store, store_settings: StoreSettings) -> None:
    store.client.flushall()
    lines = await describe_store(store_settings)
    assert "shards: 4 (the store is new)" in lines
    assert store.client.dbsize() == 0


async def test_a_store_that_would_evict_is_refused(store: Store, store_settings: StoreSettings) -> None:
    store.client.config_set("maxmemory-policy", "allkeys-lru")
    try:
        with pytest.raises(ConfigurationError, match=r"is allkeys-lru, which drops what was accepted; set it to noev"):
            await describe_store(store_settings)
    finally:
        store.client.config_set("maxmemory-policy", "noeviction")


async def test_another_number_of_shards_is_refused(store_url: str, store: Store) -> None:
    with pytest.raises(ConfigurationError, match=r"store\.shards: the store has 4, the configuration 8"):
        await describe_store(StoreSettings(url=store_url, shards=8))


async def test_a_store_that_is_not_there_is_status_1_and_its_password_is_not_shown() -> None:
    with pytest.raises(CommandError) as caught:
        await describe_store(StoreSettings(url="redis://:hush@127.0.0.1:9/0"))
    assert caught.value.status == 1
    assert str(caught.value).startswith("store.url: cannot reach redis://***@127.0.0.1:9/0: ")
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://user:p@ss@db:6379/0", "redis://***@db:6379/0"),
        ("unix:///run/valkey.sock?password=hush&db=1", "unix:///run/valkey.sock?password=***&db=1"),
        ("redis://db", "redis://db"),
        ("redis://:hush/hour@db:6379", "redis://***@db:6379"),
    ],
)
def test_urls_are_shown_without_passwords(url: str, shown: str) -> None:
    assert redacted(url) == shown
