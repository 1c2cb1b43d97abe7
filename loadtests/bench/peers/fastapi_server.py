"""FastAPI on uvicorn (uvloop, httptools) with redis.asyncio: what most Python teams would build."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loadtests.bench.peers.event_script import load_event_script
from loadtests.bench.peers.setup import cache_folder, install
from loadtests.bench.programs import Program, accepts, program
from loadtests.bench.store_process import StoreProcess

_PACKAGES = ("fastapi", "uvicorn", "uvloop", "httptools", "redis", "hiredis")


def python_with_fastapi() -> Path:
    """An interpreter that has it, in an environment of its own. Raises PeerMissingError."""
    folder = cache_folder("fastapi")
    python = folder / "bin" / "python"
    if not (folder / "bin" / "uvicorn").exists():
        install([sys.executable, "-m", "venv", folder], folder)
        install([python, "-m", "pip", "install", "--quiet", *_PACKAGES], folder)
    return python


@contextmanager
def fastapi(store: StoreProcess, *, port: int, token: str, core: int, folder: Path) -> Iterator[Program]:
    """Run one uvicorn process. Raises PeerMissingError."""
    environment = {
        "BENCH_TOKEN": token,
        "BENCH_SCRIPT": load_event_script(store.client),
        "BENCH_SOCKET": str(store.socket),
    }
    command = [
        *(python_with_fastapi(), "-m", "uvicorn", "fastapi_app:app", "--app-dir", Path(__file__).parent),
        *("--port", port, "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--backlog", 4096),
        *("--log-level", "warning"),
    ]
    with program("fastapi", command, core=core, folder=folder, environment=environment) as peer:
        peer.until(lambda: accepts(port))
        yield peer
