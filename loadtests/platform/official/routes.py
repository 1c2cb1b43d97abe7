"""Every call of the Official Account API that is simulated."""

from loadtests.platform.call import Route
from loadtests.platform.official import (
    custom_send,
    mass_jobs,
    mass_send,
    media_calls,
    network_calls,
    qr_calls,
    quota_calls,
    subscribe_send,
    template_send,
    token_calls,
    user_calls,
)
from loadtests.platform.official.account import OfficialAccount

OFFICIAL_ROUTES: tuple[Route[OfficialAccount], ...] = (
    *token_calls.ROUTES,
    *template_send.ROUTES,
    *subscribe_send.ROUTES,
    *custom_send.ROUTES,
    *mass_send.ROUTES,
    *mass_jobs.ROUTES,
    *media_calls.ROUTES,
    *user_calls.ROUTES,
    *qr_calls.ROUTES,
    *quota_calls.ROUTES,
    *network_calls.ROUTES,
)
