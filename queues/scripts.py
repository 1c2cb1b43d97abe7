"""Loads the Lua scripts and calls them, many in one round trip.

How it works: a script file names the fragments of `lua/shared/` that it needs (`-- uses: clock.lua`), which are put
before it. Scripts are called by their digest; a store that does not know one (restarted, failed over, flushed) is sent
it, and only the calls that were refused are made again. Every script stays within one shard or one account, hence
within one Cluster slot.
"""

import re
from collections.abc import Sequence
from functools import cache
from hashlib import sha1
from importlib.resources import files
from typing import Any, NamedTuple

from redis import Redis
from redis.exceptions import NoScriptError

_USES = re.compile(r"^-- uses: (\S+)$", re.MULTILINE)


class Script(NamedTuple):
    """One script with its fragments."""

    source: str
    digest: str


class Call(NamedTuple):
    """One call of a script, or (`script` None) a plain command in `arguments`; `keys` tell which server it is for."""

    script: Script | None
    keys: Sequence[str | bytes]
    arguments: Sequence[Any]

    def command(self) -> Sequence[Any]:
        if self.script is None:
            return self.arguments
        return ("EVALSHA", self.script.digest, len(self.keys), *self.keys, *self.arguments)


@cache
def load(name: str) -> Script:
    """The script `queues/lua/<name>.lua`, after the fragments that it and they use, each once."""
    parts: dict[str, str] = {}
    _collect(f"{name}.lua", parts)
    source = "\n".join(parts.values())
    return Script(source, sha1(source.encode()).hexdigest())  # noqa: S324 – the digest EVALSHA asks for


def _collect(file: str, parts: dict[str, str]) -> None:
    body = (files("queues") / "lua" / file).read_text()
    for name in _USES.findall(body):
        fragment = f"shared/{name}"
        if fragment not in parts:
            _collect(fragment, parts)
    parts[file] = body


def run(client: Redis, calls: Sequence[Call], proof: Sequence[Call] = ()) -> list[Any]:
    """Make the calls in one round trip, in order, and return their results, then those of the proof.

    The proof comes after all calls, also after those that are made again.

    Raises:
        redis.RedisError: the first failure; the other calls may have been carried out.
    """
    known = [*calls, *proof]
    return complete(client, known, _send(client, known), proofs=len(proof))


def complete(client: Redis, calls: Sequence[Call], results: list[Any], *, proofs: int = 0) -> list[Any]:
    """Make those calls again whose scripts the store did not know, and behind them the last ones that are proofs.

    Raises:
        redis.RedisError: the first failure among the results.
    """
    refused = [i for i, result in enumerate(results) if isinstance(result, NoScriptError)]
    if refused:
        again = sorted({*refused, *range(len(calls) - proofs, len(calls))})
        for script in {script.digest: script for i in refused if (script := calls[i].script)}.values():
            client.script_load(script.source)
        for i, result in zip(again, _send(client, [calls[i] for i in again]), strict=True):
            results[i] = result
    for result in results:
        if isinstance(result, Exception):
            raise result
    return results


def _send(client: Redis, calls: Sequence[Call]) -> list[Any]:
    pipeline = client.pipeline(transaction=False)
    for call in calls:
        pipeline.execute_command(*call.command())
    return pipeline.execute(raise_on_error=False)
