"""Where a metric's value lives: in this process, or in a file that the exporter reads.

How it works: prometheus_client asks a value class for one object a series. Its own take a lock at every increment, and
the shared ones also ask for the pid and build 16 bytes; that is 2.7 µs a callback. Here only the loop's thread counts
(`Store.call` counts after the hop, the exporter's thread only reads), so no lock is needed, and a shared value is one
aligned 8-byte store into the mapped file: a reader sees the old value or the new one, and a process that is killed
loses nothing.
"""

from pathlib import Path
from typing import Any

from prometheus_client.mmap_dict import MmapedDict, mmap_key
from prometheus_client.samples import Exemplar

_CELL_BYTES = 8


class OwnCell:
    """A value of a process that is scraped by itself; it can hold an exemplar."""

    _multiprocess = False
    __slots__ = ("_exemplar", "_value")

    def __init__(self, *_described: Any, **_more: Any) -> None:
        self._value = 0.0
        self._exemplar: Exemplar | None = None

    def inc(self, amount: float) -> None:
        self._value += amount

    def set(self, value: float, timestamp: float | None = None) -> None:  # noqa: ARG002  the library's signature
        self._value = value

    def get(self) -> float:
        return self._value

    def set_exemplar(self, exemplar: Exemplar) -> None:
        self._exemplar = exemplar

    def get_exemplar(self) -> Exemplar | None:
        return self._exemplar


class SlotCell:
    """A value in a file of its process's slot, in prometheus_client's own format; it has no room for exemplars."""

    _multiprocess = True
    __slots__ = ("_cells", "_index", "_value")

    def __init__(self, file: MmapedDict, key: str) -> None:
        # Goes on where the slot's last process stood.
        self._value: float = file.read_value(key)[0]  # type: ignore[no-untyped-call]
        # A file that grows is mapped anew; the old mapping shows the same bytes, and this view keeps it alive.
        mapped = memoryview(file._m)  # noqa: SLF001  the library has no name for it
        self._cells = mapped[: len(mapped) // _CELL_BYTES * _CELL_BYTES].cast("d")
        self._index = file._positions[key] // _CELL_BYTES  # noqa: SLF001  the same

    def inc(self, amount: float) -> None:
        self._value = value = self._value + amount
        self._cells[self._index] = value

    def set(self, value: float, timestamp: float | None = None) -> None:  # noqa: ARG002  the library's signature
        self._value = value
        self._cells[self._index] = value

    def get(self) -> float:
        return self._value

    def set_exemplar(self, exemplar: Exemplar) -> None:
        """Drop it: the format of the files has no place for one."""

    def get_exemplar(self) -> None:
        return None


class SlotCells:
    """Makes the values of one slot: a file for each type of metric, named as the exporter expects it."""

    def __init__(self, directory: Path, slot: str) -> None:
        self._directory = directory
        self._slot = slot
        self._files: dict[str, MmapedDict] = {}

    def __call__(  # the library's signature
        self,
        kind: str,
        metric: str,
        name: str,
        labels: list[str],
        label_values: list[str],
        help_text: str,
        multiprocess_mode: str = "",
        **_more: Any,
    ) -> SlotCell:
        """The value of one series, as the slot's last process left it."""
        prefix = f"{kind}_{multiprocess_mode}" if kind == "gauge" else kind
        if prefix not in self._files:
            path = self._directory / f"{prefix}_{self._slot}.db"
            self._files[prefix] = MmapedDict(str(path))  # type: ignore[no-untyped-call]
        return SlotCell(self._files[prefix], mmap_key(metric, name, labels, label_values, help_text))

    def close(self) -> None:
        """Take no more series. Those there are go on: what is mapped stays so."""
        for file in self._files.values():
            file._f.close()  # noqa: SLF001  its own `close` would take the mapping from the values
