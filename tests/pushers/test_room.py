import trio.testing
from hypothesis import given
from hypothesis import strategies as st

from pushers.room import Room


def test_one_account_may_have_all():
    assert Room(225, ["city"]).free("city") == 225


def test_a_greedy_account_leaves_the_others_their_part():
    room = Room(100, ["greedy", "small", "idle"])
    room.reserve("greedy", room.free("greedy"))
    assert room.free("greedy") == 0
    assert room.free("small") == 16
    assert room.free("idle") == 16


@given(st.integers(2, 300), st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 50), st.booleans()), max_size=60))
def test_never_more_than_the_room_holds(total, moves):
    room = Room(total, ["a", "b", "c"])
    most, held = max(total, 3), dict.fromkeys("abc", 0)
    for account, wanted, back in moves:
        count = min(wanted, held[account] if back else room.free(account))
        if back:
            room.release(account, count)
        else:
            room.reserve(account, count)
        held[account] += -count if back else count
        assert room.total_used == sum(held.values()) <= most
        assert all(room.free(each) >= 0 for each in "abc")


async def test_everyone_who_waits_is_told(nursery):
    room, told = Room(2, ["a", "b"]), []

    async def wait(who):
        await room.freed()
        told.append(who)

    room.reserve("a", 1)
    for who in ("one", "other"):
        nursery.start_soon(wait, who)
    await trio.testing.wait_all_tasks_blocked()
    room.release("a")
    await trio.testing.wait_all_tasks_blocked()
    assert sorted(told) == ["one", "other"]
