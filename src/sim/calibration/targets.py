"""The status quo against its targets: its runs, and the rating model by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from joblib import cpu_count
from scipy.stats import multivariate_normal, norm

from sim.agency import Agency
from sim.evidence import Evidence
from sim.intervals import half_width
from sim.levers import Policy
from sim.regulation import PREDIKAT, predikat
from sim.runs.job import Key, Tables
from sim.runs.replicate import replicate
from sim.runs.tables import assemble
from sim.streams import Streams
from sim.world import Scenario
from sim.world.calibration import Target, targets
from sim.world.citizens.surveys import reading
from sim.world.ratings import (
    BERAKHLAK,
    SEVERITY,
    Source,
    behaviour_axis,
    behaviour_items,
    composite,
    judged_results,
    published_mix,
    status_quo_cuts,
)

RATINGS = 1_000_000
"""Synthetic ratings on which the mix is judged."""
FIT = ("target", "agency", "unit", "simulated", "low", "high", "aim_low", "aim_high", "tolerance", "met")


@dataclass(frozen=True)
class Runs:
    """Runs with the same random numbers for every trial value.

    Attributes
    ----------
    seed, replications, months : int
    workers : int, optional
        None uses every core.
    """

    seed: int
    replications: int
    months: int
    workers: int | None = None

    def of(self, agency: Agency, policies: Sequence[Policy], scenario: Scenario | None = None) -> Tables:
        """Return the tables of every policy and replication."""
        keys = [Key(p, r) for r in range(self.replications) for p in range(len(policies))]
        done = replicate(
            agency,
            policies,
            keys,
            seed=self.seed,
            months=self.months,
            scenario=scenario or Scenario(),
            workers=self.workers or cpu_count(),
        )
        return assemble(agency, policies, {key: tables for key, tables, _ in done})

    def units(
        self,
        agency: Agency,
        policy: Policy,
        outcome: str,
        units: Sequence[str],
        scenario: Scenario | None = None,
    ) -> np.ndarray:
        """Return an outcome over the whole period; float64[replications, units]."""
        return by_unit(self.of(agency, [policy], scenario), outcome, units)


def by_unit(tables: Tables, outcome: str, units: Sequence[str]) -> np.ndarray:
    """Return an outcome of the first window; float64[replications, units]."""
    frame = tables.summary
    whole = frame[frame["window"] == frame["window"].cat.categories[0]]
    wide = whole.pivot_table(index="replication", columns="unit", values=outcome, observed=True, dropna=False)
    return wide[list(units)].to_numpy(np.float64)


def synthetic(seed: int, n: int = RATINGS) -> dict[str, float]:
    """Return the mix of predikat in `n` ratings of pure judgement, through axes, cuts and matrix.

    Parameters
    ----------
    seed : int
    n : int
        Ratings.

    Returns
    -------
    dict
        Predikat -> share.
    """
    rng = Streams(seed, 0).generator("calibrate.synthetic")
    judgement = rng.standard_normal(n)
    results = judged_results(judgement, rng.standard_normal(n))
    behaviour = behaviour_axis(behaviour_items(judgement, rng.standard_normal((n, len(BERAKHLAK)))))
    cut = status_quo_cuts()
    levels = predikat(
        (results >= cut.low_results).astype(np.int64) + (results > cut.top),
        (behaviour >= cut.low_behaviour).astype(np.int64) + (behaviour > cut.top),
    )
    return dict(zip(PREDIKAT, (np.bincount(levels, minlength=len(PREDIKAT)) / n).tolist(), strict=True))


def clustered_band(agency: Agency, share: float, replications: int, z: float = 3.3) -> tuple[float, float]:
    """Return the band in which the share of officers with a rating must lie, as one superior rates a whole unit.

    The binomial variance times the design effect ``1 + (m - 1) rho`` of each unit of m officers; rho is the correlation
    that two officers both lie beyond the same cut when their ratings share the superior's severity. A mean over
    quarters varies less, so the band is on the wide side.

    Parameters
    ----------
    share : float
        Expected, 0 to 1.
    replications : int
        Runs averaged.
    z : float
        3.3: one in a thousand is outside.

    Examples
    --------
    >>> from sim.agency import load_agency
    >>> low, high = clustered_band(load_agency("contoh"), 0.11, 1)
    >>> round(float(high - low), 1)
    0.3
    """
    sizes = np.array([unit.officers for unit in agency.units])
    cut = norm.ppf(share)
    both = multivariate_normal.cdf([cut, cut], mean=[0, 0], cov=[[1, SEVERITY], [SEVERITY, 1]])
    alike = (both - share**2) / (share * (1 - share))
    variance = share * (1 - share) * (sizes * (1 + (sizes - 1) * alike)).sum() / sizes.sum() ** 2
    reach = z * np.sqrt(variance / replications)
    return max(0.0, share - reach), min(1.0, share + reach)


def check(agencies: Sequence[Agency], runs: Mapping[str, Tables], mix: Mapping[str, float]) -> pd.DataFrame:
    """Compare the status quo with every target.

    Parameters
    ----------
    agencies : sequence of Agency
    runs : mapping
        Name of the agency -> tables of the status quo.
    mix : mapping
        See :func:`synthetic`.

    Returns
    -------
    DataFrame
        One row per target, agency and unit (``*`` is the whole): :data:`FIT`.
    """
    rows = [_judged(targets()[name], "*", "*", np.array([mix[name]])) for name in PREDIKAT]
    rows += [
        _judged(targets()["one_rater"], "*", "*", np.array([composite([Source(1.0)], 0.0)[1]])),
        *(
            _judged(targets()["four_raters"], "*", f"shared bias {shared}", np.array([_four(shared)]))
            for shared in (0.0, 0.22)
        ),
    ]
    sanctions, registries = np.zeros(1), []
    for agency in agencies:
        tables = runs[agency.name]

        def whole(outcome: str, tables: Tables = tables) -> np.ndarray:
            return by_unit(tables, outcome, ["*"])[:, 0]

        count = tables.summary["replication"].nunique()
        for name in PREDIKAT:
            low, high = clustered_band(agency, published_mix()[name], count)
            band = Target(name, np.nan, low, high, 0.0, np.nan, "share", "each", "", "", "")
            rows.append(_judged(band, agency.name, "*", whole(name)))
        for key, outcome in (
            ("absence", "absence"),
            ("discarded", "complaints_discarded"),
            ("utilisation", "utilisation"),
            ("ikm_self", "ikm_perceived"),
        ):
            rows.append(_judged(targets()[key], agency.name, "*", whole(outcome)))
        served = [unit for unit in agency.units if unit.kind == "service"]
        ikm = by_unit(tables, "ikm_perceived", [unit.unit for unit in served])
        for k, unit in enumerate(served):
            own = _own(targets()["ikm_self"], unit.ikm)
            # queues of a few officers differ from year to year: a miss must be more than that
            rows.append(_judged(own, agency.name, unit.unit, ikm[:, k], within_interval=True))
            if unit.sector == "population":
                registries.append(_independent(agency, [u.unit for u in served], ikm)[:, k])
        absent = by_unit(tables, "absence", [unit.unit for unit in agency.units])
        for k, unit in enumerate(agency.units):
            rows.append(
                _judged(_own(targets()["absence"], unit.absence), agency.name, unit.unit, absent[:, k])
            )
        sanctions = sanctions + whole("sanctions")
    years = tables.outcomes["month"].max() / 12
    pns_years = sum(unit.pns for agency in agencies for unit in agency.units) * years
    rows.append(_judged(targets()["sanctions"], "*", "*", sanctions / pns_years))
    if registries:
        rows.append(_judged(targets()["ikm_independent"], "*", "*", np.mean(registries, axis=0)))
    return pd.DataFrame(rows, columns=list(FIT))


def _independent(agency: Agency, codes: Sequence[str], ikm: np.ndarray) -> np.ndarray:
    """Return what an independent body finds where citizens feel `ikm`; both float64[replications, service units]."""
    evidence = Evidence.load()
    how = {key: evidence[f"survey_{key}"].mean for key in ("spread_self", "spread_independent")}
    places = [k for k, unit in enumerate(agency.units) if unit.unit in codes]
    felt = np.full((len(ikm), len(agency.units)), np.nan)
    felt[:, places] = ikm
    bias = agency.fact("survey_bias")
    return np.array([reading(agency, row, "independent", bias=bias, **how)[places] for row in felt])


def _four(shared: float) -> float:
    """Return the validity of four raters of different kinds, whose perspectives average out, too."""
    return float(composite([Source(0.25)] * 4, shared)[1])


def _own(target: Target, value: float) -> Target:
    """Return the target of a unit that has a figure of its own."""
    return Target(
        target.key, value, np.nan, np.nan, target.tolerance, np.nan, target.unit, "each", "", "", ""
    )


def _judged(
    target: Target, agency: str, unit: str, values: np.ndarray, *, within_interval: bool = False
) -> tuple:
    """Return a row of the fit; `within_interval`: met as well where the interval of the runs reaches the target."""
    mean, half = float(values.mean()), half_width(values)
    low, high = (target.value if np.isnan(end) else end for end in (target.low, target.high))
    room = 0.0 if np.isnan(target.tolerance) else target.tolerance
    met = target.met_by(mean)
    if within_interval:
        met = mean - half <= high + room and mean + half >= low - room
    return (target.key, agency, unit, mean, mean - half, mean + half, low, high, room, met)


def as_markdown(parameters: pd.DataFrame, usual: pd.DataFrame, fit: pd.DataFrame) -> dict[str, str]:
    """Return the three tables of docs/calibration.md, by the name of the mark before each.

    Parameters
    ----------
    parameters, usual : DataFrame
        See :class:`sim.calibration.CalibrationResult`.
    fit : DataFrame
        See :func:`check`.
    """
    fitted = []
    for row in parameters.to_dict("records"):
        name = f"`{row['parameter']}`"
        fitted.append((name, _with_ends(row), row["target"], row["status"], row["source"]))
    used_to = [(row["agency"], row["unit"], _with_ends(row)) for row in usual.to_dict("records")]
    judged = []
    for row in fit.to_dict("records"):
        aim = f"{row['aim_low'] - row['tolerance']:.4g} to {row['aim_high'] + row['tolerance']:.4g}"
        ends = "" if np.isnan(row["low"]) else f"{row['low']:.4g} to {row['high']:.4g}"
        cells = (row["target"], row["agency"], row["unit"], f"{row['simulated']:.4g}", ends, aim)
        judged.append((*cells, "yes" if row["met"] else "no"))
    return {
        "parameters": _table(("parameter", "value (95 %)", "target", "status", "how"), fitted),
        "usual": _table(("agency", "unit", "usual wait, doublings (95 %)"), used_to),
        "fit": _table(
            ("target", "agency", "unit", "simulated", "95 % interval", "aim with tolerance", "met"), judged
        ),
    }


def _with_ends(row: Mapping[str, Any] | pd.Series) -> str:
    return f"{row['value']:.4g} ({row['low']:.4g} to {row['high']:.4g})"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(cells)} |" for cells in (head, *rows)]
    return "\n".join([lines[0], "|" + "---|" * len(head), *lines[1:]]) + "\n"
