from base64 import b64encode

import pytest

from pushers.webhooks.signature import read_secret, signed_headers

# The example of the Standard Webhooks specification and of its libraries' tests.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE_ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
TIMESTAMP = 1614265330
BODY = b'{"test": 2432232314}'


def test_the_published_example():
    headers = signed_headers(read_secret(SECRET), MESSAGE_ID, TIMESTAMP, BODY)
    assert headers == {
        "webhook-id": MESSAGE_ID,
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@pytest.mark.parametrize(
    ("body", "timestamp", "message_id"),
    [(b"x", TIMESTAMP, MESSAGE_ID), (BODY, TIMESTAMP + 1, MESSAGE_ID), (BODY, TIMESTAMP, "msg_x")],
)
def test_everything_that_counts_is_signed(body, timestamp, message_id):
    key = read_secret(SECRET)
    signed = signed_headers(key, MESSAGE_ID, TIMESTAMP, BODY)["webhook-signature"]
    assert signed_headers(key, message_id, timestamp, body)["webhook-signature"] != signed


@pytest.mark.parametrize(
    "secret",
    ["", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_not base64", "whsec_" + b64encode(b"x" * 23).decode()],
)
def test_secrets_that_are_none(secret):
    with pytest.raises(ValueError, match="expected whsec_ and 24 to 64 bytes in base64"):
        read_secret(secret)
