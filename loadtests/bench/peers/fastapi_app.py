"""What a FastAPI user would write to take callbacks: ElementTree, and one script a request. Run by uvicorn."""

import hashlib
import hmac
import os
import time
from xml.etree import ElementTree as ET

# Lives in an environment of its own (fastapi_server.py), not in the project's.
from fastapi import FastAPI, Request, Response  # type: ignore[import-not-found,unused-ignore]
from redis.asyncio import Redis

_TOKEN = os.environ["BENCH_TOKEN"]
_SCRIPT = os.environ["BENCH_SCRIPT"]
_FRESH_SECONDS = 600

app = FastAPI()
# More connections than requests at once: the default of redis-py 8 answers the 101st with an error.
store = Redis(unix_socket_path=os.environ["BENCH_SOCKET"], max_connections=1024)


@app.post("/callback/demo")  # type: ignore[untyped-decorator,unused-ignore]
async def receive(request: Request, signature: str, timestamp: int, nonce: str) -> Response:
    digest = hashlib.sha1("".join(sorted((_TOKEN, str(timestamp), nonce))).encode(), usedforsecurity=False)
    if not hmac.compare_digest(digest.hexdigest(), signature) or abs(time.time() - timestamp) > _FRESH_SECONDS:
        return Response("signature", 403)
    body = await request.body()
    document = ET.fromstring(body)  # noqa: S314 – what a user would write, and the benchmark sends it nothing evil
    message = document.findtext("MsgId") or document.findtext("MsgID")
    fields = ("FromUserName", "CreateTime", "Event", "EventKey")
    identity = message or "\n".join(document.findtext(name) or "" for name in fields)
    await store.evalsha(_SCRIPT, 2, "seen", "events", identity, body)
    return Response("success")
