"""An upstream's endpoint over a real socket, which verifies what comes as any Standard Webhooks library does."""

import hmac
import json
from base64 import b64decode, b64encode
from hashlib import sha256

import h11
import trio

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def verify(headers: dict[str, str], body: bytes) -> None:
    """By the specification and nothing else."""
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body.decode()}".encode()
    digest = hmac.new(b64decode(SECRET.removeprefix("whsec_")), content, sha256).digest()
    assert f"v1,{b64encode(digest).decode()}" in headers["webhook-signature"].split(" ")


class Receiver:
    """Keeps what it is sent; answers 204, or as it is told."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.url = ""
        self._came = trio.Event()

    async def serve(self, task_status: trio.TaskStatus[None]) -> None:
        [listener] = await trio.open_tcp_listeners(0, host="127.0.0.1")
        self.url = f"http://127.0.0.1:{listener.socket.getsockname()[1]}/hooks?of=city"
        task_status.started()
        await trio.serve_listeners(self._handle, [listener])

    async def until(self, count: int) -> None:
        """Wait until that many have come."""
        while len(self.received) < count:
            self._came = trio.Event()
            await self._came.wait()

    @property
    def told(self) -> list[str]:
        """The type of each message, in the order they came."""
        return [json.loads(body)["type"] for _, body in self.received]

    async def _handle(self, stream: trio.SocketStream) -> None:
        connection, head, body = h11.Connection(h11.SERVER), None, b""
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                connection.receive_data(await stream.receive_some())
            elif isinstance(event, h11.Request):
                head, body = event, b""
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                assert head is not None
                # Whoever followed the Location would find nobody there.
                fields = [("content-length", "0"), ("location", "http://127.0.0.1:9/elsewhere")]
                answer = h11.Response(status_code=self._take(head, body), headers=fields)
                await stream.send_all((connection.send(answer) or b"") + (connection.send(h11.EndOfMessage()) or b""))
                connection.start_next_cycle()
            else:
                return

    def _take(self, head: h11.Request, body: bytes) -> int:
        assert (head.method, head.target) == (b"POST", b"/hooks?of=city")
        headers = {name.decode(): value.decode() for name, value in head.headers}
        verify(headers, body)
        self.received.append((headers, body))
        self._came.set()
        return self.statuses.pop(0) if self.statuses else 204
