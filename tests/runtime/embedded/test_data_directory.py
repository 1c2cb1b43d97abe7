"""Where the embedded store's things are kept."""

from pathlib import Path

import pytest

from runtime.embedded import data_directory
from runtime.embedded.data_directory import DataDirectory
from runtime.errors import CommandError, ConfigurationError


@pytest.fixture
def memory(tmp_path, monkeypatch) -> Path:
    """A place in memory that others write to as well."""
    place = tmp_path / "shm"
    place.mkdir()
    monkeypatch.setattr(data_directory, "_MEMORY", place)
    return place


def test_metrics_are_not_kept_on_the_stores_disk_which_may_be_full(tmp_path, memory):
    directory = DataDirectory(str(tmp_path / "data"))
    directory.create()
    directory.create_metrics()
    assert directory.metrics.parent == memory
    assert directory.metrics.stat().st_mode & 0o777 == 0o700


def test_each_data_directory_has_metrics_of_its_own_and_the_same_every_time(tmp_path, memory):
    one, again, other = (DataDirectory(str(tmp_path / name)).metrics for name in ("one", "one", "other"))
    assert one == again != other


def test_metrics_are_kept_beside_the_store_where_there_is_no_such_place(tmp_path, monkeypatch):
    monkeypatch.setattr(data_directory, "_MEMORY", tmp_path / "missing")
    assert DataDirectory(str(tmp_path / "data")).metrics == tmp_path / "data" / "metrics"


def test_a_place_that_somebody_else_made_open_is_refused(tmp_path, memory):
    directory = DataDirectory(str(tmp_path / "data"))
    directory.metrics.mkdir(mode=0o755)
    with pytest.raises(ConfigurationError, match="not private to us"):
        directory.create_metrics()


@pytest.mark.parametrize("name", ["file", "file/data"])
def test_where_no_directory_can_be_is_said_before_anything_starts(tmp_path, name):
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match=r"^store\.data_dir: .*/file is not a directory$"):
        DataDirectory(str(tmp_path / name)).require_room()


def test_a_directory_that_is_not_there_yet_is_made_later(tmp_path):
    directory = DataDirectory(str(tmp_path / "new" / "data"))
    directory.require_room()
    assert not directory.path.exists()


def test_one_that_cannot_be_looked_into_is_said_by_its_key(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(CommandError, match=r"^store\.data_dir: cannot look into .*/file/data: Not a directory$"):
        DataDirectory(str(tmp_path / "file" / "data")).user()
