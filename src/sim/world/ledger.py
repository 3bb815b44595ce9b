"""Costs of policies: rupiah and officers' working days, by lever and year of the study."""

from __future__ import annotations

from collections import defaultdict

import pandas as pd


class Ledger:
    """Costs of a run; nothing is booked during the burn-in."""

    def __init__(self) -> None:
        self._rupiah: dict[tuple[str, int], float] = defaultdict(float)
        self._days: dict[tuple[str, int], float] = defaultdict(float)

    def pay(self, lever: str, month: int, rupiah: float) -> None:
        """Book money in a month of the study."""
        if month >= 1:
            self._rupiah[lever, (month - 1) // 12 + 1] += rupiah

    def spend_days(self, lever: str, month: int, days: float) -> None:
        """Book officers' working days in a month of the study."""
        if month >= 1:
            self._days[lever, (month - 1) // 12 + 1] += days

    def table(self) -> pd.DataFrame:
        """Return columns lever, year (1, 2, ...), rupiah, officer_days; one row per lever and year with any cost."""
        keys = sorted(self._rupiah.keys() | self._days.keys())
        return pd.DataFrame(
            {
                "lever": [lever for lever, _ in keys],
                "year": [year for _, year in keys],
                "rupiah": [self._rupiah.get(key, 0.0) for key in keys],
                "officer_days": [self._days.get(key, 0.0) for key in keys],
            }
        )
