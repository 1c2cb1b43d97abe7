"""How long requests that are no callbacks take."""

from prometheus_client import REGISTRY

from gateway.http.messages import Response
from gateway.request_timer import timed


async def test_an_answer_is_timed_by_its_route_and_class():
    async def refuse(what: str) -> Response:
        return Response(status=429, body=what.encode())

    assert (await timed("tested", refuse)("busy")).body == b"busy"
    labels = {"route": "tested", "status": "4xx"}
    assert REGISTRY.get_sample_value("tidegate_request_seconds_count", labels) == 1
