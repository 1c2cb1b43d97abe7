"""Writes the dashboards' JSON files, here; a test holds them to the code."""

from pathlib import Path

from monitoring.dashboards.catalog import DASHBOARDS
from monitoring.dashboards.grafana import as_file


def main() -> None:
    for name, dashboard in DASHBOARDS.items():
        (Path(__file__).parent / f"{name}.json").write_bytes(as_file(dashboard))


if __name__ == "__main__":
    main()
