"""Why a whole request to `/v1/pushes` is refused."""

from gateway.http.messages import Response
from gateway.http.problem import problem


class RefusedBatchError(Exception):
    """None of the request's pushes is taken, and this is what the upstream is told."""

    def __init__(self, status: int, title: str, detail: str, headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
        super().__init__(f"{status} {title}: {detail}")
        self.status = status
        self.response: Response = problem(status, title, detail, headers=headers)
