"""A tiny messaging platform on a loopback port: one token endpoint, one send endpoint, answers as a test says."""

import json
from collections import defaultdict
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import trio

Answer = dict[str, object] | bytes | None
"""A JSON answer, raw bytes to write and then close, or None to close without a word."""


class FakePlatform:
    """By default every send is accepted, and repeated calls give the same token until `expire_token`."""

    def __init__(self) -> None:
        self.sends: list[dict[str, object]] = []
        self.token_requests: list[dict[str, object]] = []
        self.connections = 0
        self.port = 0
        self.token_number = 1
        self.answer_token: Callable[[dict[str, object]], Answer] = self._token
        self.answer_send: Callable[[dict[str, object], int], Answer] = lambda _, __: self.accepted()
        self.gate: trio.Event | None = None
        self._attempts: dict[str, int] = defaultdict(int)
        self._msgid = 3_557_254_367_693_750_000

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def token(self) -> str:
        return f"token-{self.token_number}"

    def accepted(self) -> Answer:
        self._msgid += 1
        return {"errcode": 0, "errmsg": "ok", "msgid": self._msgid}

    def _token(self, request: dict[str, object]) -> Answer:
        if request["secret"] != "right":
            return {"errcode": 40001, "errmsg": "invalid credential rid: 1-2-3"}
        if request["force_refresh"]:
            self.token_number += 1
        return {"access_token": self.token, "expires_in": 7200}

    async def serve(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        async with trio.open_nursery() as nursery:
            [listener] = await trio.open_tcp_listeners(0, host="127.0.0.1")
            self.port = listener.socket.getsockname()[1]
            nursery.start_soon(trio.serve_listeners, self._connection, [listener])
            task_status.started()

    async def _connection(self, stream: trio.SocketStream) -> None:
        self.connections += 1
        buffer = b""
        try:
            while True:
                while b"\r\n\r\n" not in buffer:
                    data = await stream.receive_some()
                    if not data:
                        return
                    buffer += data
                head, _, buffer = buffer.partition(b"\r\n\r\n")
                length = next(
                    int(line.split(b":")[1])
                    for line in head.split(b"\r\n")
                    if line.lower().startswith(b"content-length")
                )
                while len(buffer) < length:
                    buffer += await stream.receive_some()
                body, buffer = json.loads(buffer[:length]), buffer[length:]
                answer = await self._answer(head.split(b" ")[1].decode(), body)
                if answer is None:
                    return
                if isinstance(answer, bytes):
                    await stream.send_all(answer)
                    return
                content = json.dumps(answer).encode()
                await stream.send_all(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(content), content))
        except trio.BrokenResourceError:
            return
        finally:
            await trio.aclose_forcefully(stream)

    async def _answer(self, target: str, body: dict[str, object]) -> Answer:
        parts = urlsplit(target)
        if parts.path == "/cgi-bin/stable_token":
            self.token_requests.append(body)
            return self.answer_token(body)
        assert parts.path == "/cgi-bin/message/template/send"
        self.sends.append(body)
        if self.gate is not None:
            await self.gate.wait()
        if parse_qs(parts.query)["access_token"] != [self.token]:
            return {"errcode": 40001, "errmsg": "invalid credential, access_token is invalid or not latest rid: 1-2-3"}
        recipient = str(body["touser"])
        self._attempts[recipient] += 1
        return self.answer_send(body, self._attempts[recipient])
