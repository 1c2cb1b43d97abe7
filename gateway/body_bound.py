"""How large the body of a request may be, decided by its head."""

from gateway.authorization import Keyring
from gateway.http.refusal import RefusedRequestError
from gateway.http.request_head import Head
from gateway.pushes.intake import ENQUEUE
from gateway.settings import ServerSettings


class BodyBound:
    """A batch of pushes may be larger than anything else, if it comes from an upstream that we know."""

    def __init__(self, keyring: Keyring, settings: ServerSettings) -> None:
        self._keyring = keyring
        self._settings = settings

    def limit(self, head: Head) -> int:
        """The most bytes.

        Raises:
            RefusedRequestError: a batch without the key of a known upstream, refused before it is read.
        """
        most = self._settings.max_body_bytes
        if (head.method, head.path) == (ENQUEUE.method, ENQUEUE.path):
            if self._keyring.find(head.fields.headers):
                return self._settings.max_batch_bytes
            if head.fields.length > most:
                raise RefusedRequestError(401, "send the key of a configured upstream with a request of this size")
        return most
