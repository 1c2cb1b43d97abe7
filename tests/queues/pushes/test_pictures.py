"""Pictures kept by digest, and the media ids that all processes share."""

from queues.pushes.pictures import (
    Medium,
    ask_medium,
    digest_of,
    forget_medium,
    keep_picture,
    publish_medium,
    read_picture,
)
from tests.queues.makers import ACCOUNT

PHOTO = b"\xff\xd8\xff" + bytes(1000)
DIGEST = digest_of(PHOTO)
LEASE_SECONDS = 15


def life(store, digest):
    key = store.keys[digest[0] % store.shards].picture(digest.hex())
    return store.call("life", key, lambda client: client.pttl(key))


async def test_a_picture_is_read_as_it_was_kept(store):
    assert await keep_picture(store, PHOTO, 60) == DIGEST
    assert await read_picture(store, DIGEST) == PHOTO


async def test_one_that_was_never_kept_is_not_there(store):
    assert await read_picture(store, DIGEST) is None


async def test_keeping_it_again_prolongs_its_life_and_never_shortens_it(store):
    await keep_picture(store, PHOTO, 1000)
    await keep_picture(store, PHOTO, 10)
    assert await life(store, DIGEST) > 900_000
    await keep_picture(store, PHOTO, 5000)
    assert await life(store, DIGEST) > 4_900_000


async def test_one_process_uploads_and_all_use_what_it_publishes(store):
    assert await ask_medium(store, ACCOUNT, DIGEST, LEASE_SECONDS) == Medium(upload=True)
    assert await ask_medium(store, ACCOUNT, DIGEST, LEASE_SECONDS) == Medium()
    await publish_medium(store, ACCOUNT, DIGEST, "M1")
    assert await ask_medium(store, ACCOUNT, DIGEST, LEASE_SECONDS) == Medium("M1")


async def test_each_account_has_its_own_media(store):
    await publish_medium(store, ACCOUNT, DIGEST, "M1")
    assert await ask_medium(store, "another", DIGEST, LEASE_SECONDS) == Medium(upload=True)


async def test_an_upload_that_failed_is_another_processs_turn(store):
    await ask_medium(store, ACCOUNT, DIGEST, LEASE_SECONDS)
    await forget_medium(store, ACCOUNT, DIGEST, "")
    assert await ask_medium(store, ACCOUNT, DIGEST, LEASE_SECONDS) == Medium(upload=True)


async def test_only_the_medium_that_failed_is_forgotten(store):
    await publish_medium(store, ACCOUNT, DIGEST, "M2")
    await forget_medium(store, ACCOUNT, DIGEST, "M1")
    assert await ask_medium(store, ACCOUNT, DIGEST, LEASE_SECONDS) == Medium("M2")
    await forget_medium(store, ACCOUNT, DIGEST, "M2")
    assert await ask_medium(store, ACCOUNT, DIGEST, LEASE_SECONDS) == Medium(upload=True)
