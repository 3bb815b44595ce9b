"""Posterior predictive check: do simulated data look like the observed data?

Statistics of the observed data are compared with the same statistics of simulated replications. A model can
miss a statistic that was not fitted, which is why several are looked at [1]_.

References
----------
.. [1] Gelman, Meng, Stern (1996), Statistica Sinica 6, 733-807.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from sim.errors import KinerjaError, _
from sim.inference.data.panel_data import complete, numeric, require
from sim.inference.result import Note, Result
from sim.language.numbers import shortest

Statistic = Callable[[np.ndarray], float]


def lag_one(values: np.ndarray) -> float:
    """Return the correlation of neighbouring values (of successive days, when rows are days)."""
    a = values - values.mean()
    total = float(a @ a)
    return float(a[1:] @ a[:-1] / total) if total > 0 and len(a) > 2 else float("nan")


STATISTICS: dict[str, Statistic] = {
    "mean": lambda v: float(v.mean()),
    "sd": lambda v: float(v.std(ddof=1)),
    "median": lambda v: float(np.median(v)),
    "p90": lambda v: float(np.quantile(v, 0.9)),
    "lag1": lag_one,
}


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class PosteriorPredictiveResult(Result):
    """Observed statistics beside simulated ones.

    Attributes
    ----------
    estimates : DataFrame
        column, statistic, observed, simulated (mean over replications), low, high (central interval of the
        replications), p (two-sided, at least 2 / (replications + 1)), inside.
    simulated : DataFrame
        replication, column, statistic, value.
    replications : int
    """

    simulated: pd.DataFrame
    replications: int
    level: float

    def sentences(self) -> list[str]:
        out, total = self.estimates[~self.estimates["inside"]], len(self.estimates)
        lines = [
            _(
                "{inside} of {total} statistics of the data lie within the {level}% range of {n:,} simulations (by "
                "chance alone {expected:.1f} would not).",
                inside=total - len(out),
                total=total,
                level=shortest(100 * self.level),
                n=self.replications,
                expected=(1 - self.level) * total,
            )
        ]
        if len(out):
            parts = [
                _(
                    "{column} {statistic}: data {observed:.2f} against simulation {simulated:.2f}",
                    column=r.column,
                    statistic=r.statistic,
                    observed=r.observed,
                    simulated=r.simulated,
                )
                for r in out.itertuples()
            ]
            lines.append(_("Outside: {statistics}.", statistics="; ".join(map(str, parts))))
        return [str(line) for line in lines]

    def to_frame(self) -> pd.DataFrame:
        """Return the statistics of all replications."""
        return self.simulated

    def _draw_on(self, ax: Axes) -> None:
        t = self.estimates
        spread = self.simulated.groupby(["column", "statistic"], sort=False)["value"].std(ddof=1)
        sd = spread.loc[list(zip(t["column"], t["statistic"], strict=True))].to_numpy()
        sd = np.where(sd > 0, sd, np.nan)
        rows = np.arange(len(t))[::-1]
        ax.axvline(0, color="0.8", lw=1, zorder=0)
        ax.hlines(
            rows, (t["low"] - t["simulated"]) / sd, (t["high"] - t["simulated"]) / sd, color="0.6", lw=2
        )
        z = ((t["observed"] - t["simulated"]) / sd).to_numpy()
        inside = t["inside"].to_numpy()
        ax.plot(z[inside], rows[inside], "o", color="C0")
        ax.plot(z[~inside], rows[~inside], "X", color="C3", ms=8)
        ax.set_yticks(rows, t["column"] + " " + t["statistic"])
        ax.set_xlabel("z")


def posterior_predictive(
    observed: pd.DataFrame,
    simulated: pd.DataFrame,
    *,
    columns: Sequence[str] | None = None,
    replication: str = "replication",
    statistics: Mapping[str, Statistic] | None = None,
    level: float = 0.95,
) -> PosteriorPredictiveResult:
    """Compare one observed data set with simulated replications of it.

    Parameters
    ----------
    observed : DataFrame
        One row per day, case or person, in order.
    simulated : DataFrame
        The same columns, and `replication`.
    columns : sequence of str, optional
        What to compare; default: the numeric columns both have.
    statistics : mapping of name to function of a 1-d array, optional
        Default `STATISTICS`: mean, sd, median, p90, lag1.
    replication : str
        Column of `simulated`.
    level : float
        Of the central ranges.

    Returns
    -------
    PosteriorPredictiveResult

    Raises
    ------
    KinerjaError
        Fewer than 20 replications, missing cells, no common column.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame({"arrivals": rng.poisson(9, 60)})
    >>> runs = pd.DataFrame({"replication": np.repeat(np.arange(200), 60), "arrivals": rng.poisson(9, 12000)})
    >>> check = posterior_predictive(data, runs)
    >>> int(check.table()["inside"].sum()) >= 4, check.replications
    (True, 200)
    """
    require(simulated, [replication], "simulated")
    if columns is None:
        both = [c for c in observed.columns if c in simulated.columns and c != replication]
        columns = [c for c in both if pd.api.types.is_numeric_dtype(observed[c])]
    if not columns:
        raise KinerjaError(_("observed and simulated have no numeric column in common. Name the columns."))
    require(observed, list(columns), "observed")
    require(simulated, list(columns), "simulated")
    runs = pd.factorize(simulated[replication], sort=True)[0]
    n = int(runs.max()) + 1
    if n < 20:
        raise KinerjaError(_("simulated: {n} replications; at least 20 are needed for a range.", n=n))
    chosen = dict(STATISTICS if statistics is None else statistics)
    order = np.argsort(runs, kind="stable")
    cuts = np.searchsorted(runs[order], np.arange(1, n))
    rows, long = [], []
    for column in columns:
        complete(observed, column, "observed")
        complete(simulated, column, "simulated")
        data = numeric(observed, column, "observed")
        parts = np.split(numeric(simulated, column, "simulated")[order], cuts)
        for name, function in chosen.items():
            seen = function(data)
            values = np.array([function(part) for part in parts])
            if not np.isfinite(seen) or not np.isfinite(values).all():
                raise KinerjaError(
                    _(
                        "{column} {statistic} has no value (too few rows, or no variation). Leave it out.",
                        column=column,
                        statistic=name,
                    )
                )
            low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
            beyond = min((values <= seen).sum(), (values >= seen).sum())
            p = min(1.0, 2 * (beyond + 1) / (n + 1))
            rows.append((column, name, seen, values.mean(), low, high, p, bool(low <= seen <= high)))
            long.append(
                pd.DataFrame({"replication": range(n), "column": column, "statistic": name, "value": values})
            )
    names = ["column", "statistic", "observed", "simulated", "low", "high", "p", "inside"]
    return PosteriorPredictiveResult(
        estimates=pd.DataFrame(rows, columns=names),
        notes=tuple(_notes(n)),
        simulated=pd.concat(long, ignore_index=True),
        replications=n,
        level=level,
    )


def _notes(n: int) -> list[Note]:
    if n >= 100:
        return []
    return [Note("few_replications", _("only {n} simulations: the ends of the range are rough.", n=n))]
