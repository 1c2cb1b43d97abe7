"""`run.py` with metrics that count nothing: what they cost is the difference to the real one."""

import runpy
import sys
from importlib import import_module
from pathlib import Path

import prometheus_client

_ROOT = Path(__file__).parent.parent.parent


def _nothing(*_: object, **__: object) -> None:
    """In the place of a method that counts."""


if __name__ == "__main__":
    sys.path.insert(0, str(_ROOT))
    instruments = import_module("monitoring.instruments")
    instruments.Counter.inc = _nothing
    instruments.Histogram.observe = _nothing
    for name in ("set", "inc", "dec"):
        setattr(prometheus_client.Gauge, name, _nothing)
    runpy.run_path(str(_ROOT / "run.py"), run_name="__main__")
