"""Finds the handler of a request by its path and method."""

from collections.abc import Callable, Mapping

from gateway.http.messages import Answer, Request, Response
from gateway.http.problem import problem
from gateway.operation import Operation

Handle = Callable[[Request, str, Answer], None]
"""A handler that is also given the parameter in the request's path, still percent-encoded."""


class Routes:
    """The paths of all operations, each with its handlers by method."""

    def __init__(self, handlers: Mapping[Operation, Handle]) -> None:
        self._exact: dict[str, dict[str, Handle]] = {}
        self._last: dict[str, dict[str, Handle]] = {}  # by what stands before a parameter that is the last segment
        self._middle: dict[tuple[str, str], dict[str, Handle]] = {}  # and the segment after one
        for operation, handle in handlers.items():
            before, after = operation.around
            if not operation.parameter:
                methods = self._exact.setdefault(operation.path, {})
            elif after:
                methods = self._middle.setdefault((before, after), {})
            else:
                methods = self._last.setdefault(before, {})
            methods[operation.method] = handle

    def handle(self, request: Request, answer: Answer) -> None:
        """Answer a request: 404 for an unknown path, 405 for a known one with another method.

        HEAD is a GET whose body the connection leaves out.
        """
        prefix, _, name = request.path.rpartition("/")
        methods = (self._last.get(prefix) if name else None) or self._exact.get(request.path)
        if methods is None:
            before, _, middle = prefix.rpartition("/")
            methods, name = self._middle.get((before, name)) if middle else None, middle
        if methods is None:
            answer(problem(404, "Not found", "there is nothing at this path"))
        elif handle := methods.get("GET" if request.method == "HEAD" else request.method):
            handle(request, name, answer)
        else:
            answer(_not_allowed(methods))


def _not_allowed(methods: Mapping[str, object]) -> Response:
    allow = ", ".join(sorted({*methods, "HEAD"} if "GET" in methods else methods))
    return problem(405, "Method not allowed", f"allowed here: {allow}", headers=((b"Allow", allow.encode()),))
