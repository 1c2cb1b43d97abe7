"""Writes the dashboards' JSON files, here; a test holds them to the code."""

from pathlib import Path

import msgspec

from monitoring.dashboards.catalog import DASHBOARDS
from monitoring.dashboards.grafana import as_json


def main() -> None:
    for name, dashboard in DASHBOARDS.items():
        text = msgspec.json.format(msgspec.json.encode(as_json(dashboard)), indent=1)
        (Path(__file__).parent / f"{name}.json").write_bytes(text + b"\n")


if __name__ == "__main__":
    main()
