"""A store of the stand's own."""

import socket

import pytest

from loadtests.stand.process import StandError
from loadtests.stand.store import make_store

pytestmark = pytest.mark.e2e


async def test_one_that_does_not_start_says_why(tmp_path):
    store = make_store(tmp_path)
    with socket.create_server(("127.0.0.1", store.port)), pytest.raises(StandError, match="Address already in use"):
        await store.process.start()
    await store.process.end()
