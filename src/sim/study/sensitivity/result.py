"""The result of a sensitivity analysis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import pandas as pd

from sim.study.registry import figure_of
from sim.study.result import BaselineResult
from sim.study.robust.result import RobustResult
from sim.study.sensitivity.design import SensitivityStudy

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class SensitivityResult(BaselineResult):
    """What decides between policies.

    Attributes
    ----------
    spec : SensitivityStudy
    robust : RobustResult
        The futures that were run, with everything that can be read from them.
    parameters : DataFrame
        See :meth:`table`.
    manifest : mapping
        What was run, how, where and with what.
    """

    kind: ClassVar[str] = "sensitivity"
    files: ClassVar[Mapping[str, str]] = {"parameters": "parameters"}

    spec: SensitivityStudy
    robust: RobustResult
    parameters: pd.DataFrame

    @classmethod
    def restored(cls, spec: Any, tables: Mapping[str, pd.DataFrame], manifest: Mapping[str, Any]) -> Self:
        """Make a result from what was saved."""
        robust = RobustResult.restored(spec, tables, manifest)
        return cls(spec=spec, robust=robust, parameters=tables["parameters"], manifest=manifest)

    @property
    def pair(self) -> tuple[str, str]:
        """The best policy on average and the next: the difference that is explained."""
        best, second = self.manifest["pair"]
        return best, second

    @property
    def outcome(self) -> str:
        """The outcome that decides."""
        return self.robust.outcome

    @property
    def accuracy(self) -> float:
        """Share of the variance of runs it had not seen that the emulator predicted."""
        return self.manifest["accuracy"]

    def table(self) -> pd.DataFrame:
        """Return every parameter, the one that decides most first.

        Returns
        -------
        DataFrame
            One row per parameter: ``parameter, value, p, share, low, high`` (see
            :meth:`sim.study.RobustResult.what_decides`), ``total, total_half`` (Sobol's total index of the emulator;
            NaN where the emulator does not know the parameter), ``mu_star, sigma`` (Morris; NaN where nothing was
            screened), ``moves`` (False: Morris showed that it moves nothing; such rows come last, what they show is
            chance).
        """
        return self.parameters

    def to_frame(self) -> pd.DataFrame:
        """Return every run in every future."""
        return self.robust.runs

    def draw(self, ax: Axes | None) -> Figure:
        """Draw how far each parameter moves the difference between the two best policies."""
        return figure_of(self.kind).tornado(self, ax=ax)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables that are saved, by the name of their file."""
        return {**self.robust.tables(), **super().tables()}
