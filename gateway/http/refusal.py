"""Why a request is not read to its end, before any route sees it."""

from http import HTTPStatus
from typing import Final

_LABELS: Final = {
    HTTPStatus.UNAUTHORIZED: "unauthorized",
    HTTPStatus.REQUEST_TIMEOUT: "timeout",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too_large",
    HTTPStatus.REQUEST_URI_TOO_LONG: "too_large",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "too_large",
    HTTPStatus.NOT_IMPLEMENTED: "unsupported",
    HTTPStatus.HTTP_VERSION_NOT_SUPPORTED: "unsupported",
    HTTPStatus.EXPECTATION_FAILED: "unsupported",
}


class RefusedRequestError(Exception):
    """A request that is answered by `status` and then a closed connection, since its end in the stream is not known.

    `detail` goes to the client; it names a rule, never what the client sent. `label` is for the metric of refusals.
    """

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(f"{status}: {detail}")
        self.status = HTTPStatus(status)
        self.detail = detail
        self.label = _LABELS.get(self.status, "malformed")
