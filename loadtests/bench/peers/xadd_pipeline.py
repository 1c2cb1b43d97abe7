"""The floor: redis-py's pipeline, a plain XADD a push, 300 bytes each. Arguments: SOCKET PUSHES BATCH."""

import sys
import time

from redis import Redis

_PAYLOAD = b"x" * 300


def main(socket: str, pushes: int, batch: int) -> None:
    """Say "ready", wait for a line, add, and print the seconds."""
    client = Redis(unix_socket_path=socket)
    client.ping()
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.perf_counter()
    for _ in range(pushes // batch):
        pipeline = client.pipeline(transaction=False)
        for _ in range(batch):
            pipeline.xadd("pushes", {"payload": _PAYLOAD})
        pipeline.execute()
    print(time.perf_counter() - began, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
