"""The result of a capacity plan: the dose, the frontier, what it costs, and what a smaller budget would buy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from sim.errors import KinerjaError, _
from sim.intervals import half_width
from sim.levers import Policy
from sim.outcomes import OUTCOMES
from sim.study.capacity.design import CapacityStudy
from sim.study.capacity.doses import timetable
from sim.study.capacity.search import share_interval
from sim.study.registry import figure_of
from sim.study.result import StudyResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Why = Literal["", "peak", "flat", "budget", "range"]
"""Why a target is out of reach: more would make it worse; the dose moves nothing; the budget, or the range looked at,
ends before."""


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class CapacityResult(StudyResult):
    """Doses tried, and the answer.

    Attributes
    ----------
    spec : CapacityStudy
    points : DataFrame
        One row per replication of a dose: ``dose, replication, value, reached, rupiah, desk_days``; the latter two are
        of the levers in question and per year.
    manifest : mapping
        What was run, how, where and with what; and the answer: ``state``, ``dose``, ``low``, ``high``...
    """

    kind: ClassVar[str] = "capacity"
    files: ClassVar[Mapping[str, str]] = {"points": "points"}

    spec: CapacityStudy
    points: pd.DataFrame

    @property
    def policy(self) -> Policy:
        """The policy with the levers whose dose is sought."""
        return self.spec.policy

    @property
    def outcome(self) -> str:
        """The outcome that is to reach the target."""
        return self.spec.outcome

    @property
    def target(self) -> float:
        """The target, in the outcome's own unit."""
        return self.spec.target

    @property
    def state(self) -> str:
        """See :data:`sim.study.capacity.search.State`."""
        return self.manifest["state"]

    @property
    def reached(self) -> bool:
        """Whether some dose is enough."""
        return self.state in ("enough", "least")

    @property
    def dose(self) -> float:
        """The smallest dose that is enough; where none is, the one that comes nearest."""
        return self.manifest["dose"]

    @property
    def seats(self) -> float:
        """The smallest dose that is enough, NaN where none is known to be."""
        return self.dose if self.reached else float("nan")

    @property
    def between(self) -> tuple[float, float]:
        """Ends between which the smallest dose that is enough lies, as far as the search knows (90 %)."""
        return self.manifest["low"], self.manifest["high"]

    def table(self) -> pd.DataFrame:
        """Return every dose that was tried; see :meth:`frontier`."""
        return self.frontier()

    def to_frame(self) -> pd.DataFrame:
        """Return every replication of every dose (:attr:`points`)."""
        return self.points

    def frontier(self) -> pd.DataFrame:
        """Every dose that was tried.

        Returns
        -------
        DataFrame
            ``dose, n, mean, low, high, p10, p90, reached, reached_low, reached_high, rupiah, desk_days``: the mean of
            the outcome with its 95 % interval, the band in which eight of ten replications lie, the share that reached
            the target with its exact 95 % interval (Clopper-Pearson), rupiah and days off the desk per year.
        """
        rows = []
        for dose, part in self.points.groupby("dose"):
            values = part["value"].to_numpy()
            n, hits = len(part), int(part["reached"].sum())
            mean, half = values.mean(), half_width(values)
            ends = share_interval(hits, n)
            middle = np.quantile(values, [0.1, 0.9])
            price = (part["rupiah"].mean(), part["desk_days"].mean())
            rows.append((dose, n, mean, mean - half, mean + half, *middle, hits / n, *ends, *price))
        columns = ["dose", "n", "mean", "low", "high", "p10", "p90", "reached", "reached_low", "reached_high"]
        return pd.DataFrame(rows, columns=[*columns, "rupiah", "desk_days"])

    def curve(self) -> pd.DataFrame:
        """Every dose that was in question, tried or not, by the Gaussian process over those that were.

        Returns
        -------
        DataFrame
            ``dose, reached, reached_low, reached_high, rupiah``: probability of reaching the target with its 95 % band,
            and rupiah per year, interpolated.
        """
        margin, error = np.array(self.manifest["margin"]), np.array(self.manifest["margin_error"])
        shift, wide = ndtri(self.spec.probability), float(ndtri(0.975))
        doses = np.array(self.manifest["doses"])
        tried = self.frontier()
        return pd.DataFrame(
            {
                "dose": doses,
                "reached": ndtr(margin + shift),
                "reached_low": ndtr(margin - wide * error + shift),
                "reached_high": ndtr(margin + wide * error + shift),
                "rupiah": np.interp(doses, tried["dose"], tried["rupiah"]),
            }
        )

    def at_budget(self, rupiah: float) -> pd.Series:
        """Return what a yearly budget buys: the largest dose it pays for, as a row of :meth:`curve`.

        Raises
        ------
        KinerjaError
            Where it does not even pay for the smallest dose.
        """
        curve = self.curve()
        paid = curve[curve["rupiah"] <= rupiah * (1 + 1e-9)]
        if paid.empty:
            least = curve["rupiah"].min()
            raise KinerjaError(
                _(
                    "Rp{rupiah:,.0f} per year does not pay for the smallest dose (Rp{least:,.0f}).",
                    rupiah=rupiah,
                    least=least,
                )
            )
        return paid.iloc[-1]

    def cut(self, share: float) -> pd.Series:
        """Return what is left when the budget of the dose found (or nearest) is cut by a share, 0..1."""
        curve = self.curve()
        own = float(np.interp(self.dose, curve["dose"], curve["rupiah"]))
        return self.at_budget(own * (1 - share))

    @property
    def why(self) -> Why:
        """Why no dose is enough; "" where one is, or where it is not known."""
        if self.state != "never":
            return ""
        sign = 1 if OUTCOMES[self.outcome].better == "high" else -1
        tried = self.frontier()
        best = self._values(self.dose)
        at = tried["dose"].to_numpy()
        first, last = self._values(at[0]), self._values(at[-1])
        if (
            self.dose < at[-1]
            and _clearly(sign, best, last)
            and (self.dose == at[0] or _clearly(sign, best, first))
        ):
            return "peak"
        if self.manifest["limited"] and (self.dose == at[-1] or _clearly(sign, last, first)):
            return "budget"
        if self.dose == at[-1] and _clearly(sign, last, first):
            return "range"
        return "flat"

    def timetable(self, dose: float | None = None) -> pd.DataFrame:
        """Seats, classes, rooms and trainer days by quarter and course (:func:`sim.study.capacity.doses.timetable`)."""
        policy = self.spec.at(self.dose if dose is None else dose)
        return timetable(self.agency, policy, self.spec.lever)

    def draw(self, ax: Axes | None) -> Figure:
        """Draw the frontier: outcome, probability of reaching the target, and cost by dose."""
        return figure_of(self.kind).frontier(self, ax=ax)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables that are saved, by the name of their file."""
        return {**super().tables(), "frontier": self.frontier(), "curve": self.curve()}

    def _values(self, dose: float) -> np.ndarray:
        part = self.points[self.points["dose"] == dose].sort_values("replication")
        return part["value"].to_numpy(dtype=np.float64)


def _clearly(sign: int, better: np.ndarray, worse: np.ndarray) -> bool:
    """Return whether one dose clearly does better than another, replication by replication."""
    n = min(len(better), len(worse))
    gain = sign * (better[:n] - worse[:n])
    return bool(n > 1 and gain.mean() > half_width(gain))
