"""The record of a run: one row per month and unit, and the single cases that percentiles need."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.agency.spec import Agency
from sim.errors import KinerjaError, _
from sim.names import nearest
from sim.outcomes import OUTCOMES, Outcome
from sim.world.officers import Float


def windows(months: int) -> list[tuple[int, int]]:
    """Return the windows of the estimands in months: the whole study and, if longer than a year, its last year."""
    return [(1, months)] + ([(months - 11, months)] if months > 12 else [])


class Recorder:
    """Outcome columns by month and unit.

    Parameters
    ----------
    agency : Agency
    months : int
        Months of the study.
    own : iterable of Outcome
        Outcomes that levers add.

    Attributes
    ----------
    own : dict of str to Outcome
        Outcomes that levers add, by name.
    """

    def __init__(self, agency: Agency, months: int, own: Iterable[Outcome] = ()) -> None:
        self.units = [unit.unit for unit in agency.units]
        self.months = months
        self._kept = np.full((months, len(self.units), 0), np.nan)
        self._names: dict[str, int] = {}
        self._states: dict[str, Float] = {}
        self._flows: dict[str, Float] = {}
        self._written = 0
        self._counted: set[str] = set()
        self._cases: dict[tuple[str, int], dict[int, Float]] = defaultdict(dict)
        self._kinds: dict[str, str] = {}
        self.own: dict[str, Outcome] = {}
        self.know(own)

    def know(self, own: Iterable[Outcome]) -> None:
        """Say which outcomes levers add, in place of those said before."""
        self.own = {}
        for outcome in own:
            if self.own.setdefault(outcome.name, outcome) != outcome:
                raise KinerjaError(
                    _(
                        "two levers add an outcome {name!r}, and not the same one; rename one.",
                        name=outcome.name,
                    )
                )
        for outcome in self.own.values():
            if outcome.weight is not None:
                self._check(outcome.weight)

    def state(self, name: str, values: npt.ArrayLike) -> None:
        """Set a column that keeps its value until it is set again; float64[units], or one number for all.

        Raises
        ------
        KinerjaError
            There is no outcome of this name (it names the nearest), or the values are not by unit.
        """
        self._states[name] = self._by_unit(name, values, "state").copy()

    def flow(self, name: str, values: npt.ArrayLike) -> None:
        """Add to a column that counts within the month; float64[units], or one number for each.

        Raises
        ------
        KinerjaError
            There is no outcome of this name (it names the nearest), or the values are not by unit.
        """
        added = self._by_unit(name, values, "flow")
        self._flows[name] = self._flows.get(name, np.zeros(len(self.units))) + added

    def count(self, *names: str) -> None:
        """Say that columns are zero, not missing, in a month in which nothing happens."""
        for name in names:
            self._check(name)
        self._counted.update(names)

    def latest(self, name: str) -> Float:
        """Return a column of the latest month on record; float64[units], NaN where there is none."""
        self._check(name)
        if self._written < 1 or name not in self._names:
            return np.full(len(self.units), np.nan)
        return self._kept[self._written - 1, :, self._names[name]]

    def cases(self, name: str, unit: int, month: int, values: Float) -> None:
        """Store values of single cases, for percentiles over any window."""
        if self._check(name).months != "exact":
            raise KinerjaError(
                _("outcome {name!r} is not made of single cases; give it months='exact'.", name=name)
            )
        if month >= 1 and len(values):
            self._cases[name, unit][month] = values.astype(np.float32)

    def close(self, month: int) -> None:
        """Write the month's row; of months before the study only states are kept."""
        if month >= 1:
            self._written = month
            for name in self._counted - self._flows.keys():
                self._flows[name] = np.zeros(len(self.units))
            for name, values in (*self._states.items(), *self._flows.items()):
                self._column(name)[month - 1] = values
        self._flows.clear()

    def _column(self, name: str) -> Float:
        if name not in self._names:
            self._names[name] = self._kept.shape[2]
            blank = np.full((*self._kept.shape[:2], 1), np.nan)
            self._kept = np.concatenate([self._kept, blank], axis=2)
        return self._kept[:, :, self._names[name]]

    def outcomes(self) -> pd.DataFrame:
        """Return one row per month and unit; columns in the order of the registry, then levers' own by name."""
        columns = self._ordered()
        frame = {name: self._kept[:, :, self._names[name]].ravel() for name in columns if name in self._names}
        for name in (name for name in columns if self._outcome(name).months == "exact"):
            frame[name] = np.array(
                [
                    self._p90(name, [u], m, m)
                    for m in range(1, self.months + 1)
                    for u in range(len(self.units))
                ]
            )
        head = {
            "month": np.repeat(np.arange(1, self.months + 1), len(self.units)),
            "unit": np.tile(np.array(self.units, object), self.months),
        }
        return pd.DataFrame(
            head | {name: frame.get(name, np.full(len(head["month"]), np.nan)) for name in columns}
        )

    def summary(self) -> pd.DataFrame:
        """Return one row per window and unit, and one per window for the agency ("*")."""
        count = len(self.units)
        groups = [(unit, [u]) for u, unit in enumerate(self.units)] + [("*", list(range(count)))]
        rows = [
            {"window": f"{first}-{last}", "unit": label} | self._over(first, last, units)
            for first, last in windows(self.months)
            for label, units in groups
        ]
        return pd.DataFrame(rows)

    def _ordered(self) -> list[str]:
        return [*OUTCOMES, *sorted(self.own)]

    def _outcome(self, name: str) -> Outcome:
        return self.own[name] if name in self.own else OUTCOMES[name]

    def _check(self, name: str) -> Outcome:
        """Return what a name stands for; refuse it where it is no outcome of the run."""
        known = self._ordered()
        if name not in known:
            raise KinerjaError(
                _(
                    "no outcome {name!r}{hint}. A lever adds one of its own with its class attribute outcomes = "
                    "(sim.Outcome({name!r}),).",
                    name=name,
                    hint=nearest(str(name), known),
                )
            )
        return self._outcome(name)

    def _by_unit(self, name: str, values: npt.ArrayLike, kind: str) -> Float:
        """Return values for each unit; refuse those of officers, and a column recorded in two ways."""
        if self._kinds.get(name) != kind:
            exact = self._check(name).months == "exact"
            if exact or self._kinds.setdefault(name, kind) != kind:
                raise KinerjaError(
                    _(
                        "outcome {name!r} is recorded in another way already ({how}); record yours under a name of its "
                        "own.",
                        name=name,
                        how="cases" if exact else self._kinds[name],
                    )
                )
        given = np.asarray(values, np.float64)
        if given.shape not in ((), (len(self.units),)):
            raise KinerjaError(
                _(
                    "outcome {name!r}: give one number for each of {n} units; world.by_unit(values) and "
                    "world.sum_by_unit(values) make them from those of officers.",
                    name=name,
                    n=len(self.units),
                )
            )
        return np.broadcast_to(given, len(self.units))

    def _over(self, first: int, last: int, units: list[int]) -> dict[str, float]:
        out: dict[str, float] = {}
        for name in self._ordered():
            outcome = self._outcome(name)
            if outcome.months == "exact":
                out[name] = self._p90(name, units, first, last)
            elif not {name, outcome.weight or name} <= self._names.keys():
                out[name] = np.nan  # never recorded, or a mean over what never occurred
            else:
                block = self._kept[first - 1 : last, units, self._names[name]]
                weight = weights = None
                if outcome.weight:
                    weight = self._kept[first - 1 : last, units, self._names[outcome.weight]]
                    # a unit without a value in a month counts nothing in the mean of months either
                    weights = np.nansum(np.where(np.isnan(block), 0.0, weight), axis=1)
                over_units = _combine(block, weight, outcome.units, axis=1)
                out[name] = float(_combine(over_units, weights, outcome.months, axis=0))
        return out

    def _p90(self, name: str, units: list[int], first: int, last: int) -> float:
        parts = [v for u in units for m, v in self._cases.get((name, u), {}).items() if first <= m <= last]
        return float(np.percentile(np.concatenate(parts), 90)) if parts else np.nan


def _combine(values: Float, weight: Float | None, rule: str, axis: int) -> Float:
    """Return the sum, last or (weighted) mean of the values that are not NaN; NaN where all are."""
    there = ~np.isnan(values)
    some = there.any(axis=axis)
    if rule == "sum":
        return np.where(some, np.nansum(values, axis=axis), np.nan)
    if rule == "last":
        return np.asarray(np.take(values, -1, axis=axis))
    w = np.where(there, 1.0 if weight is None else np.nan_to_num(weight), 0.0)
    total = w.sum(axis=axis)
    return np.divide(
        (np.where(there, values, 0.0) * w).sum(axis=axis),
        total,
        out=np.full(np.shape(total), np.nan),
        where=total > 0,
    )
