"""nginx with Lua, of Debian's packages: the cheapest way to take callbacks that is in common use."""

import getpass
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loadtests.bench.peers.event_script import load_event_script
from loadtests.bench.peers.setup import PeerMissingError
from loadtests.bench.programs import Program, accepts, program
from loadtests.bench.store_process import StoreProcess

_HERE = Path(__file__).parent
_MODULES = Path("/usr/lib/nginx/modules")
_PACKAGES = "nginx libnginx-mod-http-lua lua-nginx-redis lua-nginx-string"


@contextmanager
def nginx_lua(store: StoreProcess, *, port: int, token: str, core: int, folder: Path) -> Iterator[Program]:
    """Run nginx with one worker. Raises PeerMissingError if Debian's packages are not installed."""
    binary = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")
    lua = Path("/usr/share/lua/5.1/nginx")
    if binary is None or not (_MODULES / "ngx_http_lua_module.so").exists() or not (lua / "redis.lua").exists():
        raise PeerMissingError(f"apt-get install {_PACKAGES}")
    words = {
        "MODULES": _MODULES,
        "FOLDER": folder,
        "LUA": _HERE,
        "PORT": port,
        "USER": getpass.getuser(),
        "TOKEN": token,
        "SOCKET": store.socket,
        "SCRIPT": load_event_script(store.client),
    }
    text = (_HERE / "nginx.conf").read_text()
    for word, value in words.items():
        text = text.replace(f"%{word}%", str(value))
    configuration = folder / "nginx.conf"
    configuration.write_text(text)
    with program("nginx", [binary, "-p", folder, "-c", configuration], core=core, folder=folder) as peer:
        peer.until(lambda: accepts(port))
        yield peer
