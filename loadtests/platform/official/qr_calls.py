"""`qrcode/create`, and the picture behind a ticket (§4.8)."""

import base64

from loadtests.platform.call import Answer, Call, Route, encode, read_body
from loadtests.platform.http_server import Reply
from loadtests.platform.official.account import OfficialAccount
from loadtests.platform.official.qr_codes import QrRequest
from loadtests.platform.query import parameter

_PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
)
"""One pixel; nobody scans it."""


def create(account: OfficialAccount, call: Call) -> Answer:
    asked = read_body(call, QrRequest)
    ticket = account.qr_codes.create(asked, call.now)
    expires = {"expire_seconds": ticket.expire_seconds} if ticket.expire_seconds else {}
    return encode(ticket=ticket.ticket, **expires, url=ticket.url)


def show(account: OfficialAccount, call: Call) -> Answer:
    if account.qr_codes.knows(parameter(call.request.query, b"ticket"), call.now):
        return Reply(body=_PICTURE, content_type=b"image/png")
    return Reply(status=404, body=b"<html>404 Not Found</html>", content_type=b"text/html")


ROUTES: tuple[Route[OfficialAccount], ...] = (
    Route("/cgi-bin/qrcode/create", "qrcode", create),
    Route("/cgi-bin/showqrcode", "showqrcode", show, method=b"GET", token=False),
)
