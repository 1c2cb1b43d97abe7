import pytest

from queues.keys import holds
from queues.limits.holds import stop_account
from queues.token import ask_token, bring_credentials, keep_refresh, postpone_refresh, publish_token

CITY = "city"


async def ask(store, failed="", *, caller="me", lease_seconds=10.0):
    return await ask_token(store, CITY, caller=caller, failed=failed, ahead_seconds=240, lease_seconds=lease_seconds)


async def test_one_caller_refreshes_and_the_others_wait(store):
    states = [await ask(store) for _ in range(5)]
    assert [state.refresh for state in states] == [True, False, False, False, False]
    assert all(state.token == "" and 0 < state.retry_in <= 10 for state in states)
    await publish_token(store, CITY, "T1", 7200, caller="me")
    state = await ask(store)
    assert (state.token, state.refresh) == ("T1", False)
    assert state.expires_in == pytest.approx(7200, abs=5)


async def test_it_is_refreshed_ahead_of_time_while_it_still_serves(store):
    await publish_token(store, CITY, "T1", 200, caller="me")
    first, second = await ask(store), await ask(store)
    assert (first.token, first.refresh) == ("T1", True)
    assert (second.token, second.refresh) == ("T1", False)


async def test_a_failed_token_is_expired_only_if_it_is_still_the_current_one(store):
    await publish_token(store, CITY, "T2", 7200, caller="me")
    late = await ask(store, failed="T1")
    assert (late.token, late.refresh) == ("T2", False)
    current = await ask(store, failed="T2")
    assert (current.token, current.refresh) == ("", True)


async def test_after_a_failed_refresh_nobody_tries_for_a_while(store):
    assert (await ask(store)).refresh
    await postpone_refresh(store, CITY, 30, caller="me")
    state = await ask(store)
    assert not state.refresh
    assert 29 < state.retry_in <= 30


async def test_a_refresher_that_lives_keeps_its_lease_and_one_that_was_replaced_changes_nothing(store):
    assert (await ask(store, caller="first", lease_seconds=0)).refresh
    assert await keep_refresh(store, CITY, caller="first", lease_seconds=10)
    assert not (await ask(store, caller="second")).refresh
    assert await keep_refresh(store, CITY, caller="first", lease_seconds=0)
    assert (await ask(store, caller="second")).refresh
    assert not await keep_refresh(store, CITY, caller="first", lease_seconds=10)
    assert not await publish_token(store, CITY, "LATE", 7200, caller="first")
    await postpone_refresh(store, CITY, 300, caller="first")
    assert await publish_token(store, CITY, "T1", 7200, caller="second")
    state = await ask(store)
    assert (state.token, state.refresh) == ("T1", False)


async def test_a_new_secret_ends_what_the_old_one_led_to(store):
    assert not await bring_credentials(store, CITY, b"old")
    await stop_account(store, CITY, "errcode 40125: invalid appsecret", 300)
    await postpone_refresh(store, CITY, 300, caller="me")
    assert not await bring_credentials(store, CITY, b"old")
    assert not (await ask(store)).refresh
    assert await bring_credentials(store, CITY, b"new")
    assert (await ask(store)).refresh
    assert store.client.exists(holds(CITY)) == 0


async def test_the_same_secret_keeps_its_token(store):
    await bring_credentials(store, CITY, b"same")
    await publish_token(store, CITY, "T1", 7200, caller="me")
    assert not await bring_credentials(store, CITY, b"same")
    assert (await ask(store)).token == "T1"
