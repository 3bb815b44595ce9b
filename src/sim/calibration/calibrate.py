"""Fit the free parameters of the status quo to what is published about it.

Solved from a table alone: the axes and cuts of today's ratings, the share discarded at triage. Fitted by running
the status quo: how likely a sanction is, and the waiting that citizens of each unit expect. Every trial value meets
the same random draws (common random numbers), so that what is solved is a smooth function. What no target identifies
is listed in docs/calibration.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.optimize import root
from scipy.stats import beta

from sim.agency import Agency
from sim.calibration.figure import calibration
from sim.calibration.targets import Runs, by_unit, check, synthetic
from sim.errors import KinerjaError, _
from sim.evidence import NO_EFFECT
from sim.intervals import half_width
from sim.levers import Discipline, Policy, status_quo
from sim.names import known_arguments
from sim.result import Result
from sim.runs.job import Tables
from sim.streams import Streams
from sim.world import Scenario
from sim.world.calibration import expectations, targets
from sim.world.ratings import Cuts, cuts, published_mix

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MONTHS = 12
"""Length of every run: a whole year, as sanctions are counted by year."""
RECORDED = (0.1, 0.2, 0.3)
"""Recorded shares of absence for which the enforcement is reported, as the target identifies only their combination;
the first is the status quo's (assumption)."""
ROUNDING = 5e-5
"""Published shares are rounded to a hundredth of a per cent."""
DRAWS = 200
"""Draws of the published counts, for the intervals of the cuts."""
TIME = "u3"
"""Element of the survey on the time a service takes."""
CLOSE = 0.01
"""Distance of its score from the unit's level below which a unit counts as solved."""
PARAMETERS = ("parameter", "value", "low", "high", "target", "source", "status", "seed", "command")


@dataclass(frozen=True, eq=False, repr=False)
class CalibrationResult(Result):
    """Fitted parameters, and the status quo with them against its targets.

    Attributes
    ----------
    parameters : DataFrame
        parameter, value, low, high, target, source, status, seed, command; status ``solved`` (from a table), ``fitted``
        (by running), ``told`` (reported as a check of a value set elsewhere).
    expectations : DataFrame
        agency, unit, parameter, and the rest as above: ``waiting`` multiplies expected waiting, ``answered`` is the
        share of complaints that citizens take to be answered in time.
    fit : DataFrame
        target, agency, unit, simulated, low, high (95 % over replications), aim_low, aim_high, tolerance, met;
        of the status quo with these parameters, under random draws it was not fitted to.
    """

    parameters: pd.DataFrame
    expectations: pd.DataFrame
    fit: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """Return the fit: one row per target, agency and unit."""
        return self.fit

    def sentences(self) -> Sequence[str]:
        """State how many targets are met, and which are not."""
        missed = self.fit[~self.fit["met"]]
        met = len(self.fit) - len(missed)
        texts = [str(_("{met} of {all} targets are met.", met=met, all=len(self.fit)))]
        if len(missed):
            places = ["/".join(row) for row in missed[["target", "agency", "unit"]].itertuples(index=False)]
            texts.append(str(_("Missed: {places}.", places=places)))
        return texts

    def draw(self, ax: Axes | None) -> Figure:
        """Draw every target as a band, and the simulated status quo as a dot with its interval."""
        return calibration(self, ax=ax)

    def save(self, folder: str | Path) -> Path:
        """Write the three tables; expectations of agencies that were not fitted this time are kept."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("parameters", "expectations", "fit"):
            path, frame = folder / f"{name}.csv", getattr(self, name)
            if name == "expectations" and path.is_file():
                old = pd.read_csv(path)
                frame = pd.concat([old[~old["agency"].isin(frame["agency"])], frame])
                frame = frame.sort_values(["agency", "unit"], kind="stable")
            frame.round(6).to_csv(path, index=False, encoding="utf-8", lineterminator="\n")
        return folder


@known_arguments()
def calibrate(
    agencies: Sequence[Agency],
    *,
    seed: int = 2026,
    replications: int = 20,
    workers: int | None = None,
    command: str = "",
    report: Callable[[str], None] = lambda part: None,
) -> CalibrationResult:
    """Fit the status quo to the targets of ``data/calibration/targets.csv``.

    Parameters
    ----------
    agencies : sequence of Agency
        Sanctions are pooled over them; expectations are fitted for each service unit.
    seed : int
        Random seed of the fit; the fit is judged with the next one.
    replications : int
        Replications of every trial value, at least 2.
    workers : int, optional
        Processes; None uses every core.
    command : str
        Recorded as provenance.
    report : callable
        Called with the name of each part when it starts.

    Raises
    ------
    KinerjaError
        Where no expected waiting explains a unit's IKM, with the unit.

    Examples
    --------
    About a minute for the small agency on two cores:

    >>> import sim
    >>> sim.calibration.calibrate([sim.load_agency("contoh")], replications=4)  # doctest: +SKIP
    """
    if replications < 2:
        raise KinerjaError(
            _("replications: {replications} give no interval; give at least 2.", replications=replications)
        )
    runs = Runs(seed, replications, MONTHS, workers)
    source = {"seed": seed, "command": command}
    report("ratings")
    rows = [*_ratings(seed), _discard()]
    report("sanctions")
    sanctions = _sanctions(agencies, runs)
    rows += sanctions
    quo = _enforced(sanctions[0]["value"])
    units = []
    for agency in agencies:
        report(agency.name)
        units += _expected(agency, quo, runs)
    expected = pd.DataFrame(units).assign(**source)
    report("fit")
    judged = Runs(seed + 1, replications, MONTHS, workers)
    tables = {
        agency.name: judged.of(agency, [quo], Scenario(expectations=_given(expected, agency)))
        for agency in agencies
    }
    fit = check(agencies, tables, synthetic(seed))
    rows += [_source_term(fit), _drift(fit)]
    parameters = pd.DataFrame(rows).assign(**source)
    return CalibrationResult(parameters[list(PARAMETERS)], expected[["agency", "unit", *PARAMETERS]], fit)


def _given(expected: pd.DataFrame, agency: Agency) -> dict[str, float]:
    own = expected[expected["agency"] == agency.name]
    return {f"{row.unit}.{row.parameter}": row.value for row in own.itertuples()}


def _row(
    parameter: str, value: float, low: float, high: float, target: str, source: str, status: str
) -> dict:
    return dict(zip(PARAMETERS, (parameter, value, low, high, target, source, status), strict=False))


def _ratings(seed: int) -> list[dict]:
    """Return axes and cuts from the published mix, with the sampling error and rounding of its counts."""
    mix = published_mix()
    names, n = list(mix), int(targets()["baik"].n)
    shares = np.array(list(mix.values()))
    rng = Streams(seed, 0).generator("calibrate.mix")
    drawn = rng.multinomial(n, shares, DRAWS) / n + rng.uniform(-ROUNDING, ROUNDING, (DRAWS, len(mix)))
    solved = [cuts(dict(zip(names, row / row.sum(), strict=True))) for row in drawn]
    source = "solved from the published mix; interval: sampling error and rounding of the counts"

    def row(field: str) -> dict:
        low, high = np.percentile([getattr(cut, field) for cut in solved], [2.5, 97.5])
        value = getattr(cuts(mix), field)
        return _row(f"ratings.{field}", value, low, high, "predikat mix", source, "solved")

    return [row(field) for field in Cuts.__dataclass_fields__]


def _discard() -> dict:
    target = targets()["discarded"]
    hits = target.value * target.n
    low, high = beta.ppf([0.025, 0.975], hits + 0.5, target.n - hits + 0.5)
    source = "each complaint that is not discarded is answered, so it is the share itself; Jeffreys interval"
    return _row("complaint_handling.discard", target.value, low, high, "discarded", source, "solved")


def _enforced(enforcement: float, recorded: float | None = None) -> Policy:
    """Return the status quo with another probability that a sanction due is imposed, and another share recorded."""
    quo = status_quo()
    discipline = next(x for x in quo.levers if isinstance(x, Discipline))
    share = discipline.recorded if recorded is None else recorded
    return quo.plus(replace(discipline, enforcement=enforcement, recorded=share), name=quo.name)


def _sanctions(agencies: Sequence[Agency], runs: Runs) -> list[dict]:
    """Return the enforcement that gives the target's rate of sanctions, for several recorded shares of absence.

    Whether a sanction falls due does not depend on how many are imposed, and each due one is imposed independently: the
    rate is enforcement times the rate of sanctions due, which runs with full enforcement count.
    """
    target = targets()["sanctions"]
    pns_years = sum(unit.pns for agency in agencies for unit in agency.units) * MONTHS / 12
    rows = []
    for recorded in RECORDED:
        # the evidence has deterrence by how likely a sanction is: at the enforcement sought, there is none
        policy = _enforced(1.0, recorded)
        scenario = Scenario(effects={"sanction_deterrence": NO_EFFECT})
        counted = [runs.units(agency, policy, "sanctions", ["*"], scenario)[:, 0] for agency in agencies]
        due = np.sum(counted, axis=0) / pns_years
        if not due.mean() > 0:
            raise KinerjaError(
                _("calibrate: no sanction fell due in any run; give larger agencies or more replications.")
            )
        margin = half_width(due)
        low = target.low / (due.mean() + margin)
        high = target.high / max(due.mean() - margin, target.high)
        name = "discipline.enforcement" + ("" if recorded == RECORDED[0] else f" at recorded = {recorded}")
        source = f"{due.mean():.4f} sanctions fall due per PNS and year; interval: that of the target and of the runs"
        status = "fitted" if recorded == RECORDED[0] else "told"
        rows.append(_row(name, min(1.0, target.value / due.mean()), low, high, "sanctions", source, status))
    return rows


def _expected(agency: Agency, quo: Policy, runs: Runs) -> list[dict]:
    """Return the waiting and answering that citizens of each service unit are used to.

    Today's citizens are used to today's service: the average citizen is as pleased with the time it takes, and with how
    complaints are answered, as with the unit as a whole. The IKM of the unit then is its own.
    """
    units = [unit for unit in agency.units if unit.kind == "service"]
    codes, level = [unit.unit for unit in units], np.array([unit.ikm for unit in units]) / 25
    waiting, __ = expectations(agency, {})
    start = np.log([waiting[agency.units.index(unit)] for unit in units])

    def run(log_factor: np.ndarray) -> Tables:
        given = {f"{code}.waiting": float(f) for code, f in zip(codes, np.exp(log_factor), strict=True)}
        return runs.of(agency, [quo], Scenario(expectations=given))

    def off(log_factor: np.ndarray) -> np.ndarray:
        """Return the score of the time it takes minus the unit's level; float64[replications, units]."""
        return by_unit(run(log_factor), TIME, codes) - level

    # units share nothing, so the Jacobian is diagonal: one trial gives all of it
    solved = root(
        lambda x: off(x).mean(axis=0),
        start,
        method="hybr",
        options={"band": (0, 0), "eps": 1e-2, "xtol": 1e-3, "maxfev": 30},
    )
    tables = run(solved.x)
    left = by_unit(tables, TIME, codes) - level
    for code, gap in zip(codes, left.mean(axis=0), strict=True):
        if not abs(gap) < CLOSE:
            raise KinerjaError(
                _(
                    "calibrate: unit {code!r} of {agency}: no expected waiting explains its IKM; the "
                    "score of the time stays {gap:+.2f} away. Check ikm in the table of units and "
                    "expected_wait in that of services.",
                    code=code,
                    agency=agency.name,
                    gap=gap,
                )
            )
    step = 0.1
    slope = (by_unit(run(solved.x + step), TIME, codes) - left - level).mean(axis=0) / step
    in_time = by_unit(tables, "complaints_in_time", codes)
    rows = []
    for k, code in enumerate(codes):
        wide = half_width(left[:, k]) / abs(slope[k])
        low, value, high = np.exp(solved.x[k] + np.array([-wide, 0.0, wide]))
        source = "root of the score of element 3 minus the unit's level; interval: variation between runs"
        share = in_time[:, k]
        mean, half = float(np.nanmean(share)), half_width(share[~np.isnan(share)])
        usual = "share answered in time in the status quo; interval: variation between runs"
        rows += [
            {"agency": agency.name, "unit": code}
            | _row("waiting", value, low, high, "ikm_self", source, "fitted"),
            {"agency": agency.name, "unit": code}
            | _row("answered", mean, mean - half, min(1.0, mean + half), "ikm_self", usual, "fitted"),
        ]
    return rows


def _source_term(fit: pd.DataFrame) -> dict:
    """Return how far units' own surveys lie above independent ones, against the assumed 8 of the agency tables."""
    target = targets()["ikm_independent"]
    own = fit[(fit["target"] == "ikm_self") & (fit["unit"] == "dukcapil")]["simulated"]
    value, wide = own.mean() - target.value, (target.high - target.low) / 2
    source = "mean IKM of the population registries minus the national independent one; interval: that survey's margin"
    return _row("survey_bias", value, value - wide, value + wide, "ikm_independent", source, "told")


def _drift(fit: pd.DataFrame) -> dict:
    """Return how far feedback and turnover today spread ratings beyond pure judgement, at the top of the scale."""
    rows = fit[(fit["target"] == "sangat_baik") & (fit["agency"] != "*")]
    value, low, high = (
        float((rows[end] - published_mix()["sangat_baik"]).mean()) for end in ("simulated", "low", "high")
    )
    source = "share of Sangat Baik in runs minus the published one, mean over agencies; zero is inside: not corrected"
    if not low <= 0 <= high:
        source = "share of Sangat Baik in runs minus the published one, mean over agencies; zero is outside"
    return _row("ratings.drift", value, low, high, "predikat mix", source, "told")
