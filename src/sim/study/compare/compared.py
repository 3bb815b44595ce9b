"""What is read of a comparison by the analyses that it offers as methods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import pandas as pd

from sim.levers import Policy
from sim.world import Scenario


class Compared(Protocol):
    """The policies, tables and settings of a comparison; see :class:`sim.study.compare.result.CompareResult`."""

    @property
    def policies(self) -> tuple[Policy, ...]: ...
    @property
    def baseline(self) -> str: ...
    @property
    def scenario(self) -> Scenario: ...
    @property
    def runs_summary(self) -> pd.DataFrame: ...
    @property
    def costs(self) -> pd.DataFrame: ...
    @property
    def manifest(self) -> Mapping[str, Any]: ...
    @property
    def headline(self) -> tuple[str, ...]: ...
    @property
    def replications(self) -> int: ...
    @property
    def windows(self) -> list[str]: ...
    def months(self, outcome: str, unit: str = "*") -> pd.DataFrame: ...
