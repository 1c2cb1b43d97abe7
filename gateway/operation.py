"""Describes one route, beside its handler: `routes` finds the handler by it, `openapi` documents it."""

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct

REFERENCE = "#/components/schemas/{name}"


def reference(kind: type[Struct]) -> dict[str, str]:
    """What stands in a schema for a type that is described elsewhere in the document."""
    return {"$ref": REFERENCE.format(name=kind.__name__)}


TEXT = str
"""An answer in plain text; every other type is a struct, answered as JSON, but for `PICTURE_BYTES`."""
PICTURE_BYTES = bytes


class Field(Struct, frozen=True):
    """A request's header field: what it is for, and what it may be, as a regular expression."""

    summary: str
    pattern: str


class Operation(Struct, frozen=True, kw_only=True, eq=False):
    """One method on one path, of which the last segment or the one before it may be a parameter: `/v1/pushes/{id}`.

    The types are those that validate and encode. `bodies` are by media type, `answers` by status, `headers` are
    those of the request; `problems` are the statuses that may be answered as RFC 9457 has them.
    """

    id: str
    method: Literal["GET", "POST", "DELETE"]
    path: str
    summary: str
    upstream: bool = False
    """Whether it takes an upstream's key; then 401 is one of its problems."""
    segment: str = ""
    """What the parameter may be, as a regular expression."""
    query: type[Struct] | None = None
    headers: Mapping[str, Field] = {}
    bodies: Mapping[str, Any] = {}
    needs_body: bool = True
    answers: Mapping[int, Any] = {}
    problems: tuple[int, ...] = ()

    @property
    def parameter(self) -> str:
        """The name of the segment that is one, or empty."""
        return self.path.partition("/{")[2].partition("}")[0]

    @property
    def around(self) -> tuple[str, str]:
        """What stands before the parameter, and the segment after it, if there is one."""
        before, _, rest = self.path.partition("/{")
        return before, rest.partition("}/")[2]
