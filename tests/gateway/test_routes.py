"""Which handler a path and a method lead to, and what is answered where they lead to none."""

import pytest

from gateway.accounts.desk import QUOTA, RESUME
from gateway.callbacks.receiver import RECEIVE, VERIFY
from gateway.health import LIVE
from gateway.http.messages import Answer, Request, Response
from gateway.operation import Operation
from gateway.pushes.dead_letters import LIST, REPLAY
from gateway.pushes.desk import CANCEL, SHOW
from gateway.pushes.intake import ENQUEUE
from gateway.routes import Handle, Routes
from tests.gateway.fakes import answered, request

OPERATIONS = (VERIFY, RECEIVE, ENQUEUE, SHOW, CANCEL, LIST, REPLAY, QUOTA, RESUME, LIVE)


def saying(operation: Operation) -> Handle:
    """A handler that answers with what it was called for."""

    def handle(_request: Request, name: str, answer: Answer) -> None:
        answer(Response(body=f"{operation.id} {name}".encode()))

    return handle


ROUTES = Routes({operation: saying(operation) for operation in OPERATIONS})


@pytest.mark.parametrize(
    ("method", "path", "reached"),
    [
        ("GET", "/callback/plain", b"verifyUrl plain"),
        ("HEAD", "/callback/plain", b"verifyUrl plain"),  # the connection leaves the body out
        ("POST", "/callback/pl%61in", b"receiveCallback pl%61in"),
        ("DELETE", "/v1/pushes/2-x", b"cancelPush 2-x"),
        ("GET", "/v1/accounts/plain/quota", b"showQuota plain"),
        ("POST", "/v1/accounts/plain/resume", b"resume plain"),
    ],
)
async def test_a_path_may_have_a_parameter_which_the_handler_is_given(method, path, reached):
    assert (await answered(ROUTES.handle, request(method, path))).body == reached


@pytest.mark.parametrize(
    ("method", "path", "reached"),
    [("POST", "/v1/pushes", b"enqueue"), ("GET", "/v1/dead", b"listDead"), ("POST", "/v1/dead/replay", b"replayDead")],
)
async def test_a_path_without_one_is_matched_as_it_is(method, path, reached):
    assert (await answered(ROUTES.handle, request(method, path))).body.startswith(reached)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "",
        "/callback",
        "/callback/",
        "/callback/a/b",
        "/v1/pushes/",
        "/v1/pushes/a/b",
        "/livez/",
        "//livez",
        "/v1/accounts/plain",
        "/v1/accounts/plain/other",
        "/v1/accounts/a/b/quota",
    ],
)
async def test_unknown_paths_are_404(path):
    response = await answered(ROUTES.handle, request("GET", path))
    assert (response.status, response.content_type) == (404, "application/problem+json")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "/callback/plain", b"GET, HEAD, POST"),
        ("GET", "/v1/pushes", b"POST"),
        ("POST", "/v1/pushes/2-x", b"DELETE, GET, HEAD"),
        ("POST", "/v1/dead", b"GET, HEAD"),
        ("HEAD", "/v1/pushes", b"POST"),
        ("GET", "/v1/dead/replay", b"POST"),
        ("POST", "/livez", b"GET, HEAD"),
    ],
)
async def test_other_methods_are_405_with_what_is_allowed(method, path, allow):
    response = await answered(ROUTES.handle, request(method, path))
    assert (response.status, response.content_type) == (405, "application/problem+json")
    assert (b"Allow", allow) in response.headers
