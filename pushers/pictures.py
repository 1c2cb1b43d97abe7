"""Uploads a push's picture to the platform: once an account, with the first send, and again if the platform lost it.

Source: `POST /cgi-bin/media/upload`, the same for official accounts and WeCom: a multipart field `media`, answered with
a `media_id` that is good for three days; 40007 on use says that it is not.
"""

import httpx
import structlog
import trio
from msgspec import structs

from pushers.errcodes import TABLES
from pushers.outlet import Outlet
from pushers.verdict import Verdict, judge, read_answer, unanswered
from queues.account import Account, AccountKind
from queues.errors import StoreUnavailableError
from queues.limits.rate import LeaseRequest, lease
from queues.push import Push
from queues.pushes.pictures import ask_medium, forget_medium, format_of, publish_medium, read_picture
from queues.store import Store

log = structlog.get_logger()

API = "media"
"""What uploads count against: `[accounts.limits.media]`."""
LEASE_SECONDS = 15.0
"""An uploader that died is replaced after this; no upload takes longer, as its claim would end."""
LOOK_AGAIN_SECONDS = 0.5
"""How soon a push whose picture another is uploading looks again."""
QUOTA_SECONDS = 600.0
"""How long a push waits whose picture may not be uploaded now."""
UNKNOWN_MEDIUM = 40007


class Courier:
    """Pictures of all accounts, for one process; `client` bounds how many are on their way at once."""

    def __init__(self, store: Store, client: httpx.AsyncClient) -> None:
        self._store = store
        self._client = client

    async def bring(self, outlet: Outlet, push: Push, token: str, seconds: float) -> str | Verdict | None:
        """The picture's media id, within `seconds`; or why there is none; None while another process uploads it.

        Raises:
            StoreUnavailableError: try again later.
        """
        account = push.account
        medium = await ask_medium(self._store, account, push.image, LEASE_SECONDS)
        if not medium.upload:
            return medium.id or None
        uploaded: str | Verdict = unanswered(f"its picture was not uploaded in {seconds:.0f} s", unknown=False)
        with trio.move_on_after(min(seconds, LEASE_SECONDS)):
            uploaded = await self._upload(outlet, push, token)
        with trio.CancelScope(shield=True):
            if isinstance(uploaded, str):
                await publish_medium(self._store, account, push.image, uploaded)
                log.info("picture uploaded", account=account)
            else:
                await forget_medium(self._store, account, push.image, "")
        return uploaded

    async def note(self, push: Push, media_id: str, verdict: Verdict) -> Verdict:
        """What the platform's verdict on a send with this medium comes to: one it lost is uploaded again, once."""
        if verdict.errcode != UNKNOWN_MEDIUM:
            return verdict
        try:
            await forget_medium(self._store, push.account, push.image, media_id)
        except StoreUnavailableError:
            log.warning("medium not forgotten, store unavailable", account=push.account)
        return structs.replace(verdict, repeats=1, seconds=1.0)

    async def _limited(self, account: Account) -> float:
        """Wait for a turn within the account's limit of uploads; if there is none soon, seconds until there may be."""
        limit = account.limit(API)
        if not (limit.per_second or limit.per_day):
            return 0.0
        leased = await lease(self._store, LeaseRequest(account=account.name, api=API, limit=limit, wanted=1))
        if not leased.granted:
            return min(max(leased.wait_seconds, 1.0), QUOTA_SECONDS)
        await trio.sleep_until(leased.good_from)
        return 0.0

    async def _upload(self, outlet: Outlet, push: Push, token: str) -> str | Verdict:
        picture = await read_picture(self._store, push.image)
        if picture is None:
            return Verdict(kind="dead", error="its picture is not kept any more")
        if wait := await self._limited(outlet.account):
            return Verdict(kind="retry", seconds=wait, error="its picture waits for the limit of uploads")
        name = format_of(picture) or "jpeg"
        try:
            response = await self._client.post(
                outlet.account.url("/cgi-bin/media/upload"),
                params={"access_token": token, "type": "image"},
                files={"media": (f"picture.{name}", picture, f"image/{name}")},
            )
        except httpx.HTTPError as error:
            return unanswered(f"its picture was not uploaded: {type(error).__name__}: {error}", unknown=False)
        return _judge_upload(outlet.account.kind, response)


def _judge_upload(kind: AccountKind, response: httpx.Response) -> str | Verdict:
    answer = read_answer(response.content)
    media_id = answer.fields.get("media_id") if answer and not answer.errcode else None
    if response.is_success and isinstance(media_id, str) and media_id:
        return media_id
    verdict = judge(response.status_code, response.content, TABLES[kind])
    if verdict.kind == "sent":
        verdict = unanswered("no media_id in the answer")
    if verdict.scope == "api":  # the limits of uploads are not the channel's: only what shows a new picture waits
        verdict = structs.replace(verdict, kind="retry", scope="push", seconds=QUOTA_SECONDS, quota="")
    return structs.replace(verdict, unknown=False, error=f"its picture was not uploaded: {verdict.error}")
