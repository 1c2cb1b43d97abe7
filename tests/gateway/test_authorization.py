"""Keys: who is let in, and what is kept of them."""

import pytest

from gateway.authorization import Keyring
from gateway.settings import Upstream
from gateway.upstream_key import UpstreamKey, key_digest

FINES = Upstream(name="fines", key=UpstreamKey("new-fines-key"), previous_key=UpstreamKey("old-fines-key"))
TAXES = Upstream(name="taxes", key=UpstreamKey("the-taxes-key"))


def bearer(key: bytes) -> dict[bytes, bytes]:
    return {b"authorization": b"Bearer " + key}


def test_a_key_finds_its_upstream():
    ring = Keyring([FINES, TAXES])
    assert ring.find(bearer(b"the-taxes-key")) is TAXES
    assert ring.find(bearer(b"the-taxes-kez")) is None


def test_while_a_key_is_replaced_the_previous_one_is_taken_too():
    ring = Keyring([FINES, TAXES])
    assert ring.find(bearer(b"new-fines-key")) is ring.find(bearer(b"old-fines-key")) is FINES


def test_an_empty_key_opens_nothing():
    ring = Keyring([Upstream(name="open", key=UpstreamKey(""))])
    assert ring.find(bearer(b"")) is None
    assert ring.find({}) is None


@pytest.mark.parametrize("text", ["", "the-taxes-key"])
def test_the_key_itself_is_not_held(text):
    key = UpstreamKey(text)
    assert not hasattr(key, "__dict__")
    held = [getattr(key, slot) for slot in UpstreamKey.__slots__]
    assert text not in [held, repr(key)]
    assert text.encode() not in held or not text


def test_keys_compare_by_what_they_were():
    assert UpstreamKey("the-taxes-key") == UpstreamKey("the-taxes-key") != UpstreamKey("the-taxes-kez")
    assert UpstreamKey("the-taxes-key").matches(key_digest(b"the-taxes-key"))
    assert len({UpstreamKey("a-long-key"), UpstreamKey("a-long-key")}) == 1


@pytest.mark.parametrize("text", ["", "short", "with space 12", "schlüssel-lang", "tab\tinside-it"])
def test_a_key_that_a_header_cannot_carry_or_that_is_short_is_not_sound(text):
    assert not UpstreamKey(text).is_sound
