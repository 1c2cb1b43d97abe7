"""`GET /openapi.json`: OpenAPI 3.1, made of the operations and of the types that validate and encode."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import msgspec
from msgspec import Struct

from gateway.http.messages import Response
from gateway.http.problem import Problem
from gateway.operation import PICTURE_BYTES, REFERENCE, TEXT, Operation, reference

_JSON = "application/json"
_VERSION = "1"  # of the interface, as its paths have it
_PROBLEMS = {
    400: "What was sent is not understood; `detail` names the part.",
    401: "No configured upstream has this key.",
    403: "Not authentic, or not for this key.",
    404: "There is none, or not for you.",
    409: "Too late.",
    410: "There was one, and its time is over.",
    413: "Too large, or too many.",
    415: "No media type that is taken.",
    422: "The Idempotency-Key came with another body.",
    429: "No room, or over the rate: nothing was taken.",
    503: "Not now; what has become of it says `detail`.",
}
_SECONDS = {"description": "Seconds to wait before the next try.", "schema": {"type": "integer", "minimum": 1}}
_HEADERS = {
    401: {"WWW-Authenticate": {"schema": {"type": "string"}}},
    429: {"Retry-After": _SECONDS},
    503: {"Retry-After": _SECONDS},
}


def document(operations: Sequence[Operation]) -> bytes:
    """The document, JSON."""
    types: dict[type[Struct], None] = {Problem: None}  # a dict keeps their order
    for operation in operations:
        named = (operation.query, *operation.bodies.values(), *operation.answers.values())
        types.update({each: None for each in named if isinstance(each, type) and issubclass(each, Struct)})
    _, components = msgspec.json.schema_components(list(types), ref_template=REFERENCE)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _described(operation, components)
    whole = {
        "openapi": "3.1.0",
        "info": {
            "title": "Tidegate",
            "version": _VERSION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"upstream": {"type": "http", "scheme": "bearer", "description": "An upstream's key."}},
        },
    }
    return msgspec.json.encode(whole)


DESCRIBE = Operation(
    id="describe", method="GET", path="/openapi.json", summary="This document.", answers={200: dict[str, Any]}
)


class OpenApi:
    """Answers with the document. It is made when it is first asked for: nobody else should wait for it at the start."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._operations = tuple(operations)

    async def show(self, _request: object) -> Response:
        return self._response

    @cached_property
    def _response(self) -> Response:
        return Response(body=document(self._operations), content_type=_JSON)


def _described(operation: Operation, components: dict[str, Any]) -> dict[str, Any]:
    problems = (*operation.problems, *((401,) if operation.upstream else ()))
    described: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "parameters": list(_parameters(operation, components)),
        "responses": {
            **{str(status): _answered(kind) for status, kind in operation.answers.items()},
            **{str(status): _problem(status) for status in sorted(problems)},
        },
    }
    if operation.upstream:
        described["security"] = [{"upstream": []}]
    if operation.bodies:
        content = {media_type: {"schema": _schema(kind)} for media_type, kind in operation.bodies.items()}
        described["requestBody"] = {"required": operation.needs_body, "content": content}
    return described


def _parameters(operation: Operation, components: dict[str, Any]) -> Iterable[dict[str, Any]]:
    if name := operation.parameter:
        schema = {"type": "string", "pattern": operation.segment} if operation.segment else {"type": "string"}
        yield {"name": name, "in": "path", "required": True, "schema": schema}
    if operation.query is not None:
        shape = components[operation.query.__name__]
        for name, schema in shape["properties"].items():
            yield {"name": name, "in": "query", "required": name in shape.get("required", ()), "schema": schema}
    for name, field in operation.headers.items():
        schema = {"type": "string", "pattern": field.pattern}
        yield {"name": name, "in": "header", "description": field.summary, "schema": schema}


def _schema(kind: Any) -> dict[str, Any]:
    if isinstance(kind, type) and issubclass(kind, Struct):
        return reference(kind)
    return msgspec.json.schema(kind)


def _answered(kind: Any) -> dict[str, Any]:
    if kind is PICTURE_BYTES:
        return {"description": "The picture.", "content": {"image/*": {}}}
    media_type = "text/plain" if kind is TEXT else _JSON
    return {"description": _summary(kind), "content": {media_type: {"schema": _schema(kind)}}}


def _summary(kind: Any) -> str:
    return (kind.__doc__ or "").partition("\n")[0] if isinstance(kind, type) and issubclass(kind, Struct) else "Done."


def _problem(status: int) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": _schema(Problem)}}
    described: dict[str, Any] = {"description": _PROBLEMS[status], "content": content}
    return described | ({"headers": _HEADERS[status]} if status in _HEADERS else {})
