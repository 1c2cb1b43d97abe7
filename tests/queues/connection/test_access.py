"""A store that does not let us do what we need: found out at the start, with a way out."""

import pytest
import redis

from loadtests.stand.store_group import RIGHTS
from queues.connection.access import explained
from queues.errors import StoreUnavailableError
from queues.settings import StoreSettings
from queues.store import Store, open_store


@pytest.fixture
def user(store: Store):
    """Makes a user with these rights; the address to come by as one."""

    def make(*rights: str) -> str:
        store.client.execute_command("ACL", "SETUSER", "tester", "on", ">hush", "resetchannels", *rights)
        return f"unix://tester:hush@{store.client.get_connection_kwargs()['path']}"

    yield make
    store.client.execute_command("ACL", "DELUSER", "tester")


async def refusal(url: str) -> str:
    with pytest.raises(StoreUnavailableError) as caught:
        async with open_store(StoreSettings(url=url)):
            pass
    return explained(caught.value)


async def test_the_rights_that_the_docs_name_are_enough_and_trying_them_changes_nothing(user, store):
    before = store.client.dbsize()
    async with open_store(StoreSettings(url=user(*RIGHTS.split()))):
        assert store.client.dbsize() == before


@pytest.mark.parametrize(
    ("taken", "said"),
    [
        ("-eval", "no permissions to run the 'eval' command"),
        ("-publish", "no permissions to run the 'publish' command"),
        ("resetchannels", "No permissions to access a channel"),
        ("resetkeys", "No permissions to access a key"),
    ],
)
async def test_a_right_that_is_missing_is_said_before_anything_is_promised(user, taken, said):
    told = await refusal(user(*RIGHTS.split(), taken))
    assert said in told
    assert told.endswith("; docs/security.md has what its user must be allowed")


async def test_a_wrong_password_is_said_so(user):
    told = await refusal(user(*RIGHTS.split()).replace("hush", "hash"))
    assert told.endswith("; give its user and password in store.url: //user:password@ before the host")


@pytest.mark.parametrize(
    ("cause", "way"),
    [
        (redis.exceptions.ReadOnlyError("You can't write"), "this is a replica: give the primary's address"),
        (redis.exceptions.MovedError("1 host:2"), "write redis+cluster://host:port,host:port"),
    ],
)
def test_a_server_of_the_wrong_kind_is_named(cause, way):
    failure = StoreUnavailableError(f"open: {cause}.")
    failure.__cause__ = cause
    assert explained(failure).startswith(f"open: {cause}; ")
    assert explained(failure).endswith(way)


def test_other_failures_are_told_in_their_own_words():
    assert explained(StoreUnavailableError("open: refused")) == "open: refused"
