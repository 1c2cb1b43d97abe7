"""The embedded store's directory: whose it is, who uses it now, and where its socket fits."""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runtime.errors import CommandError, ConfigurationError

_LOCK_NAME = "serve.lock"
_SOCKET_NAME = "store.sock"
_MEMORY = Path("/dev/shm")  # noqa: S108  what we make there is private, and checked to be

# sun_path holds 108 bytes on Linux and 104 on macOS, its closing zero included.
_MAX_SOCKET_PATH_BYTES = 103


class DataDirectory:
    """A directory of ours: created private, and never a link to somewhere else once it is."""

    def __init__(self, data_dir: str) -> None:
        self.path = Path(data_dir).absolute()

    @property
    def pid_file(self) -> Path:
        return self.path / "store.pid"

    @property
    def log_file(self) -> Path:
        return self.path / "store.log"

    @property
    def metrics(self) -> Path:
        """Where the processes keep their metrics: in memory if the machine offers it, else here.

        The files are mapped into memory, and writing to a page that a full disk has no room for kills the process.
        """
        return _MEMORY / self._private_name if os.access(_MEMORY, os.W_OK | os.X_OK) else self.path / "metrics"

    @property
    def socket(self) -> Path:
        """Where the store listens: here, or in a private directory with a short path if this one is too long.

        The place is made from the path alone, so that the next `serve` finds the server that a killed one left.
        """
        here = self.path / _SOCKET_NAME
        if len(os.fsencode(here)) <= _MAX_SOCKET_PATH_BYTES:
            return here
        return Path(tempfile.gettempdir()) / self._private_name / _SOCKET_NAME

    @property
    def _private_name(self) -> str:
        """A folder of ours in a place that others write to, the same for every `serve` on this directory."""
        digest = hashlib.sha256(os.fsencode(self.path.resolve())).hexdigest()[:16]
        return f"tidegate-{os.getuid()}-{digest}"

    def create(self) -> None:
        """Make the directory, and the socket's, private to us.

        Raises:
            ConfigurationError: It cannot be made or written, or somebody else made the socket's directory first.
        """
        self.require_room()
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(f"store.data_dir: cannot create {self.path}: {error.strerror}") from None
        if self.socket.parent != self.path:
            _create_private(self.socket.parent)

    def require_room(self) -> None:
        """Make sure that the directory is there, or can be made.

        Raises:
            ConfigurationError: What is there is no directory, or none that we may write to.
        """
        there = next(path for path in (self.path, *self.path.parents) if os.path.lexists(path))
        if not there.is_dir():
            raise ConfigurationError(f"store.data_dir: {there} is not a directory")
        if not os.access(there, os.W_OK | os.X_OK):
            raise ConfigurationError(f"store.data_dir: cannot write to {there}")

    def create_metrics(self) -> None:
        """Make the metrics' directory, private to us.

        Raises:
            ConfigurationError: Somebody else made it first.
        """
        _create_private(self.metrics)

    def user(self) -> int | None:
        """The pid of the `serve` that uses the directory now, or None.

        Raises:
            CommandError: It cannot be looked into, as by an operator who is not the user of `serve`.
        """
        try:
            with (self.path / _LOCK_NAME).open("r+") as lock:
                return None if _try_lock(lock.fileno()) else int(lock.read() or 0)
        except (FileNotFoundError, ValueError):
            return None
        except OSError as error:
            raise CommandError(f"store.data_dir: cannot look into {self.path}: {error.strerror}") from None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the directory: two stores on the same files would destroy them. The kernel frees it when we die.

        Raises:
            CommandError: Another `serve` holds it.
        """
        with (self.path / _LOCK_NAME).open("a+") as lock:
            if not _try_lock(lock.fileno()):
                lock.seek(0)
                raise CommandError(f"store.data_dir: {self.path} is in use by the serve with pid {lock.read().strip()}")
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            yield


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _create_private(directory: Path) -> None:
    """Make a directory in a place that others write to, trusting nothing that is already there."""
    directory.mkdir(mode=0o700, exist_ok=True)
    found = directory.lstat()
    private = not directory.is_symlink() and found.st_uid == os.getuid() and found.st_mode & 0o077 == 0
    if not private:
        raise ConfigurationError(f"store.data_dir: {directory} is not private to us; remove it, or use a shorter path")
