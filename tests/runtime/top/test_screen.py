"""What stands on the screen."""

import io

import pytest
from msgspec import structs
from rich.console import Console

from runtime.top.observer import observe
from runtime.top.screen import MOST_ACCOUNTS, draw
from runtime.top.wording import beyond, duration, rate, size
from tests.runtime.top.samples import interval


def drawn(snapshot=None, **options) -> list[str]:
    console = Console(file=io.StringIO(), width=160)
    console.print(draw(snapshot or observe(interval()), "http://gate:9090/metrics", **options))
    return [" ".join(line.split()) for line in console.file.getvalue().splitlines()]


def test_each_thing_stands_in_its_line():
    lines = drawn()
    assert lines[0] == "Tidegate 1.2.3 http://gate:9090/metrics over the last 10.0 s"
    assert "callbacks in 109/s 15 ms repeats 5.0/s refused 2.0/s shed 2.0/s" in lines
    assert "traffic 20 0 400 90.0 s 10.0 s 107/s 42/s – – errcode -1: 2.0/s" in lines
    assert "parking 0 7 0 0 µs not at all 0 0 – – template held back" in lines
    assert any(line.startswith("parking template 100 100 ━") and line.endswith("100% used up") for line in lines)
    assert "queues claims 0 dead 0 events 3 later 0" in lines
    assert "gateway 2 14 0.50 40 MiB 300 of 2,000 off the scale" in lines
    assert "shedding level 1.5: pushes and receipts" in lines
    assert "store 5 MiB of 64 MiB 0 calls, 99 % within – commits, 99 % within – errors 2.0/s" in lines


def test_trouble_is_said_above_the_last_that_was_seen():
    lines = drawn(trouble="cannot reach http://gate:9090/metrics")
    assert lines[1] == "cannot reach http://gate:9090/metrics"
    assert "Flow" in lines


def test_a_store_in_trouble_says_so():
    snapshot = observe(interval())
    gone, weak = structs.replace(snapshot.store, up=False), structs.replace(snapshot.store, durable=False)
    assert any(line.endswith("does not answer") for line in drawn(structs.replace(snapshot, store=gone)))
    assert any(line.endswith("not as durable as configured") for line in drawn(structs.replace(snapshot, store=weak)))


def test_what_does_not_fit_is_counted():
    snapshot = observe(interval())
    many = structs.replace(snapshot, accounts=snapshot.accounts[:1] * (MOST_ACCOUNTS + 3))
    assert "and 3 more" in drawn(many)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.0004, "400 µs"), (0.02, "20 ms"), (3.25, "3.2 s"), (600, "10 min"), (9000, "2.5 h"), (200_000, "2 days")],
)
def test_durations_are_short(seconds, words):
    assert duration(seconds) == words


def test_other_numbers_too():
    assert (duration(None), beyond(float("inf"))) == ("–", "off the scale")
    assert (rate(0), rate(0.44), rate(12_345.6)) == ("0", "0.4/s", "12,346/s")
    assert (size(None), size(512), size(3_221_225_472)) == ("–", "512 B", "3.0 GiB")
