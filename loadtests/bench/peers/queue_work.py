"""What the Python workers share: what they are told, what they send, and how they tell how far they are."""

import json
import sys
import time

SETTINGS = json.loads(sys.argv[1])
URL = f"{SETTINGS['platform']}/cgi-bin/message/template/send?access_token={SETTINGS['token']}"


def body(number: int) -> bytes:
    """One push as the platform wants it: it refuses JSON with numeric escapes."""
    push = {
        "touser": f"oPush0001{number:019d}",
        "template_id": "TPL_NOTICE",
        "client_msg_id": f"{SETTINGS['run']}-{number}",
        "data": {
            "thing1": {"value": f"办理进度 {number}"},
            "number2": {"value": str(number)},
            "time3": {"value": "2024-04-26 14:30"},
        },
    }
    return json.dumps(push, ensure_ascii=False).encode()


def check(answer: dict[str, object]) -> None:
    """Raises RuntimeError for a push that the platform refused."""
    if answer["errcode"]:
        raise RuntimeError(f"errcode {answer['errcode']}")


def wait_for_start() -> None:
    """The jobs are enqueued: say so, and wait to be told to begin."""
    print("ready", flush=True)
    sys.stdin.readline()


def wait_for_end() -> None:
    """All jobs are done: say when, and wait to be told to end."""
    print(time.time(), flush=True)
    sys.stdin.readline()
