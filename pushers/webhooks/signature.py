"""Signs webhooks as Standard Webhooks has it, so that any of its libraries verifies them; does no I/O.

Source: the Standard Webhooks specification. What is signed is `<id>.<timestamp>.<body>`, by HMAC-SHA256 with the bytes
that the secret has in base64 after `whsec_`.
"""

import binascii
import hmac
from base64 import b64decode, b64encode

SECRET_PREFIX = "whsec_"  # noqa: S105  what secrets begin with, none itself
LEAST_BYTES, MOST_BYTES = 24, 64


def read_secret(text: str) -> bytes:
    """The key in a secret.

    Raises:
        ValueError: it is not of the form that Standard Webhooks asks for.
    """
    try:
        key = b64decode(text.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not text.startswith(SECRET_PREFIX) or not LEAST_BYTES <= len(key) <= MOST_BYTES:
        raise ValueError(f"expected {SECRET_PREFIX} and {LEAST_BYTES} to {MOST_BYTES} bytes in base64")
    return key


def signed_headers(key: bytes, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of one try; `timestamp` is that of the try, in seconds since the epoch."""
    digest = hmac.digest(key, b"%b.%d.%b" % (message_id.encode(), timestamp, body), "sha256")
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{b64encode(digest).decode()}",
    }
