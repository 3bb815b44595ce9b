"""Fit the free parameters of the status quo to what is published about it.

Solved from a table alone: the axes and cuts of today's ratings, the share discarded at triage. Fitted by running
the status quo: how likely a sanction is, and the waiting to which citizens of each unit are used. Every trial value
meets the same random draws (common random numbers), so that what is solved is a smooth function. What no target
identifies is listed in docs/calibration.md.
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
from sim.streams import Streams
from sim.world import Scenario
from sim.world.calibration import targets, usual_waits
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
IKM = "ikm_perceived"
CLOSE = 0.1
"""Distance of the IKM from the unit's, in points, below which it counts as solved."""
PARAMETERS = ("parameter", "value", "low", "high", "target", "source", "status", "seed", "command")


@dataclass(frozen=True, eq=False, repr=False)
class CalibrationResult(Result):
    """Fitted parameters, and the status quo with them against its targets.

    Attributes
    ----------
    parameters : DataFrame
        parameter, value, low, high, target, source, status, seed, command; status ``solved`` (from a table), ``fitted``
        (by running), ``told`` (reported as a check of a value set elsewhere).
    usual : DataFrame
        agency, unit, parameter, and the rest as above: the wait to which citizens are used, in doublings of what is
        published (see :func:`sim.world.citizens.satisfaction.doublings`).
    fit : DataFrame
        target, agency, unit, simulated, low, high (95 % over replications), aim_low, aim_high, tolerance, met;
        of the status quo with these parameters, under random draws it was not fitted to.
    """

    parameters: pd.DataFrame
    usual: pd.DataFrame
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
        """Write the three tables; usual waits of agencies that were not fitted this time are kept."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("parameters", "usual", "fit"):
            path, frame = folder / f"{name}.csv", getattr(self, name)
            if name == "usual" and path.is_file():
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
        Sanctions are pooled over them; usual waits are fitted for each service unit.
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
        Where no usual wait explains a unit's IKM, with the unit.

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
        units += _usual(agency, quo, runs)
    usual = pd.DataFrame(units).assign(**source)
    report("fit")
    judged = Runs(seed + 1, replications, MONTHS, workers)
    tables = {
        agency.name: judged.of(agency, [quo], Scenario(usual=_given(usual, agency))) for agency in agencies
    }
    fit = check(agencies, tables, synthetic(seed))
    rows += [_source_term(fit, agencies), _drift(fit)]
    parameters = pd.DataFrame(rows).assign(**source)
    return CalibrationResult(parameters[list(PARAMETERS)], usual[["agency", "unit", *PARAMETERS]], fit)


def _given(usual: pd.DataFrame, agency: Agency) -> dict[str, float]:
    own = usual[usual["agency"] == agency.name]
    return dict(zip(own["unit"], own["value"], strict=True))


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


def _usual(agency: Agency, quo: Policy, runs: Runs) -> list[dict]:
    """Return the wait to which citizens of each service unit are used.

    Today's citizens gave the unit the IKM of its table, so what they experience today belongs to it: the status quo has
    the IKM of each unit.
    """
    units = [unit for unit in agency.units if unit.kind == "service"]
    codes, ikm = [unit.unit for unit in units], np.array([unit.ikm for unit in units])
    start = np.nan_to_num(usual_waits(agency, {})[[agency.units.index(unit) for unit in units]], nan=-1.0)

    def off(usual: np.ndarray) -> np.ndarray:
        """Return the IKM minus that of the table; float64[replications, units]."""
        given = dict(zip(codes, usual.tolist(), strict=True))
        return by_unit(runs.of(agency, [quo], Scenario(usual=given)), IKM, codes) - ikm

    # units share nothing, so the Jacobian is diagonal: one trial gives all of it
    solved = root(
        lambda x: off(x).mean(axis=0),
        start,
        method="hybr",
        options={"band": (0, 0), "eps": 0.1, "xtol": 5e-3, "maxfev": 30},
    )
    left = off(solved.x)
    for code, gap in zip(codes, left.mean(axis=0), strict=True):
        if not abs(gap) < CLOSE:
            raise KinerjaError(
                _(
                    "calibrate: unit {code!r} of {agency}: no wait that citizens are used to explains its IKM, which "
                    "stays {gap:+.2f} away. Check ikm in the table of units and expected_wait in that of services.",
                    code=code,
                    agency=agency.name,
                    gap=gap,
                )
            )
    step = 0.1
    slope = (off(solved.x + step) - left).mean(axis=0) / step
    source = "root of the IKM of the status quo minus the unit's; interval: variation between runs"
    rows = []
    for k, code in enumerate(codes):
        value, wide = float(solved.x[k]), half_width(left[:, k]) / abs(slope[k])
        found = _row("usual_wait", value, value - wide, value + wide, "ikm_self", source, "fitted")
        rows.append({"agency": agency.name, "unit": code} | found)
    return rows


def _source_term(fit: pd.DataFrame, agencies: Sequence[Agency]) -> dict:
    """Return how far units' own surveys lie above independent ones, against the assumed 8 of the agency tables."""
    target = targets()["ikm_independent"]
    registries = [
        (agency.name, unit.unit)
        for agency in agencies
        for unit in agency.units
        if unit.sector == "population" and unit.kind == "service" and unit.ikm_collected == "self"
    ]
    rows = fit[fit["target"] == "ikm_self"].set_index(["agency", "unit"])["simulated"]
    own = rows[rows.index.isin(registries)]
    value, wide = own.mean() - target.value, (target.high - target.low) / 2
    source = "mean IKM of registries that survey themselves minus the national independent one; interval: its margin"
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
