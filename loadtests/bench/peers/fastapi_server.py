"""FastAPI on uvicorn (uvloop, httptools) with redis.asyncio: what most Python teams would build."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loadtests.bench.peers.event_script import load_event_script
from loadtests.bench.peers.setup import python_with
from loadtests.bench.programs import Program, accepts, program
from loadtests.bench.store_process import StoreProcess

_PACKAGES = ("fastapi", "uvicorn", "uvloop", "httptools", "redis", "hiredis")


@contextmanager
def fastapi(store: StoreProcess, *, port: int, token: str, core: int, folder: Path) -> Iterator[Program]:
    """Run one uvicorn process. Raises PeerMissingError."""
    python = python_with("fastapi", *_PACKAGES)
    environment = {
        "BENCH_TOKEN": token,
        "BENCH_SCRIPT": load_event_script(store.client),
        "BENCH_SOCKET": str(store.socket),
    }
    command = [
        *(python, "-m", "uvicorn", "fastapi_app:app", "--app-dir", Path(__file__).parent),
        *("--port", port, "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--backlog", 4096),
        *("--log-level", "warning"),
    ]
    with program("fastapi", command, core=core, folder=folder, environment=environment) as peer:
        peer.until(lambda: accepts(port))
        yield peer
