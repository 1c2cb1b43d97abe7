"""All quotas of one official account, and the quotas of clearing them (§4.9, §6)."""

from loadtests.platform.quota_tables import API_CLEARS_PER_MONTH, CLEARS_PER_MONTH
from loadtests.platform.quotas import QuotaRules, Quotas
from loadtests.platform.windows import MonthWindow


class QuotaDesk:
    """Counters by API; an API is made known by the first question for it."""

    def __init__(self, rules: QuotaRules) -> None:
        self._rules = rules
        self._quotas: dict[str, Quotas] = {}
        self._clears = MonthWindow(CLEARS_PER_MONTH, rules.day_offset)
        self._api_clears = MonthWindow(API_CLEARS_PER_MONTH, rules.day_offset)

    def of(self, api: str) -> Quotas:
        """The counters of one API."""
        quotas = self._quotas.get(api)
        if quotas is None:
            quotas = self._quotas[api] = self._rules.quotas(api)
        return quotas

    @property
    def apis(self) -> tuple[str, ...]:
        return tuple(self._quotas)

    def clear_all(self, now: float) -> int:
        """clear_quota: 0, or 48006 if it was called ten times this month."""
        if not self._clears.take(now):
            return 48006
        for quotas in self._quotas.values():
            quotas.clear()
        return 0

    def clear_one(self, api: str, now: float) -> int:
        """openapi/quota/clear: 0, or 48006 if it was called fifty times this month."""
        if not self._api_clears.take(now):
            return 48006
        self.of(api).clear()
        return 0
