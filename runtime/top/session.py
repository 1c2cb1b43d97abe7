"""The loop of `top`: scrape, compare with the scrape before, draw."""

from collections import deque
from collections.abc import Callable

import trio
from rich.console import Console
from rich.live import Live

from runtime.top.interval import Interval
from runtime.top.keyboard import until_q
from runtime.top.observer import SELDOM_SECONDS, observe
from runtime.top.scrape import Scrape
from runtime.top.screen import draw
from runtime.top.snapshot import Snapshot
from runtime.top.source import ScrapeError, Source


async def look_once(source: Source, every_seconds: float) -> Snapshot:
    """Make two scrapes; what they show.

    Raises:
        ScrapeError: `/metrics` cannot be read.
    """
    try:
        before = await source.scrape()
        await trio.sleep(every_seconds)
        return observe(Interval(before, await source.scrape()))
    finally:
        await source.aclose()


async def watch(source: Source, every_seconds: float, console: Console) -> None:
    """Draw until `q` is typed or we are interrupted. A scrape that fails after the first is shown, and tried again.

    Raises:
        ScrapeError: `/metrics` cannot be read at all.
    """
    try:
        # Rates want two scrapes; the first screen need not wait the whole time for its second.
        before = await source.scrape()
        await trio.sleep(min(1.0, every_seconds))
        with Live(console=console, auto_refresh=False, screen=True) as live:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(_redraw, source, before, every_seconds, lambda view: live.update(view, refresh=True))
                await until_q()
                nursery.cancel_scope.cancel()
    finally:
        with trio.CancelScope(shield=True):
            await source.aclose()


async def _redraw(source: Source, before: Scrape, every_seconds: float, show: Callable[..., None]) -> None:
    snapshot = None
    history = deque([before])
    while True:
        try:
            after = await source.scrape()
        except ScrapeError as error:
            if snapshot is None:
                raise
            show(draw(snapshot, source.url, trouble=str(error)))
        else:
            while len(history) > 1 and after.at - history[1].at >= SELDOM_SECONDS:
                history.popleft()
            snapshot = observe(Interval(before, after), Interval(history[0], after))
            history.append(after)
            before = after
            show(draw(snapshot, source.url))
        await trio.sleep(every_seconds)
