"""The KPI lever: from what is needed to each officer's indicators, and where effort then goes.

Effort ``e = (1 - g) e0 + g kpi`` shifts from habit to what is rewarded, the more the higher the stakes, the clearer the
indicator and the greater the trust: ``g = stakes * clarity * trust``. Performance shifts with it, by
``.5 ln(e_c / e0_c)`` in each of pace, care and courtesy (assumption): speed alone costs errors and rudeness.
The gain as valued by needs n, ``.5 [KL(n || e0) - KL(n || e)]``, is largest where effort matches what is needed.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from scipy.optimize import nnls
from scipy.special import rel_entr

from sim.agency.spec import Unit
from sim.errors import _
from sim.evidence import Effect
from sim.levers.base import Lever, check_code, param
from sim.levers.needs import HABIT, SHARES, citizens, estimate, of_units
from sim.paths import data_table
from sim.world.climate import REFERENCE
from sim.world.officers import PERFORMANCE, Float

if TYPE_CHECKING:
    from sim.world.world import World

LEAST = 0.05
"""Smallest share of effort on each of speed, accuracy and courtesy, whatever is rewarded (assumption)."""
TILT = 0.5
"""SDs of pace, care or courtesy per log of effort (assumption)."""
CASCADE = 0.6
"""SD of the log weights' distortion at each step down, without any clarity or communication (assumption)."""


@dataclass(frozen=True)
class Indicator:
    """A performance indicator, and the effort it attracts.

    Attributes
    ----------
    indicator : str
        Code.
    label_id, label_en : str
        Names for people.
    kind, sector : str
        Kind and sector of the units it fits; "" fits all.
    effort : tuple of 3 float
        Shares of speed, accuracy and courtesy, summing to 1.
    """

    indicator: str
    label_id: str
    label_en: str
    kind: str
    sector: str
    effort: tuple[float, ...]

    def fits(self, unit: Unit) -> bool:
        """Tell whether a unit can be measured by it."""
        return self.kind in ("", unit.kind) and self.sector in ("", unit.sector)


@cache
def indicators() -> dict[str, Indicator]:
    """Read the indicators used in practice, ``data/needs/indicators.csv``, by code."""
    by_code = {}
    for row in data_table("needs", "indicators.csv"):
        effort = np.array([float(row[share]) for share in SHARES])
        names = {field: row[field] for field in ("indicator", "label_id", "label_en", "kind", "sector")}
        by_code[row["indicator"]] = Indicator(**names, effort=tuple((effort / effort.sum()).tolist()))
    return by_code


def effort(kpi: Float, pull: Float) -> Float:
    """Return the shares of effort: ``(1 - g) e0 + g kpi``, at least :data:`LEAST` each.

    Parameters
    ----------
    kpi : float64[n, 3]
        Weights of speed, accuracy and courtesy, summing to 1.
    pull : float64[n]
        ``g``, 0 to 1.

    Returns
    -------
    float64[n, 3]
        Shares, summing to 1.
    """
    shares = (1 - pull[:, None]) * HABIT + pull[:, None] * kpi
    least = shares < LEAST
    for __ in range(len(SHARES) - 1):
        if not least.any():
            break
        rest = np.where(least, 0.0, shares)
        room = 1 - LEAST * least.sum(axis=1, keepdims=True)
        shares = np.where(least, LEAST, rest * room / rest.sum(axis=1, keepdims=True))
        least = least | (shares < LEAST)
    return shares


def tilt(shares: Float) -> Float:
    """Return the change of pace, care and courtesy, SDs, from shares of effort; same shape."""
    return np.asarray(TILT * np.log(shares / HABIT))


def gain(needs: Float, shares: Float) -> Float:
    """Return the performance gained by shares of effort, SDs, as valued by needs: ``.5 [KL(n || e0) - KL(n || e)]``.

    Parameters
    ----------
    needs, shares : float64[n, 3]
        Each row sums to 1.

    Returns
    -------
    float64[n]
    """
    return np.asarray(TILT * (rel_entr(needs, HABIT) - rel_entr(needs, shares)).sum(axis=-1))


def fitted(profiles: Float, wanted: Float) -> Float:
    """Return the weights of indicators that together attract effort as close as possible to what is wanted.

    Parameters
    ----------
    profiles : float64[k, 3]
        Effort that each indicator attracts.
    wanted : float64[3]

    Returns
    -------
    float64[k]
        At least 0, summing to 1.
    """
    one = 1e3  # a heavy row holds the sum of the weights at 1
    weights, __ = nnls(np.vstack([profiles.T, np.full(len(profiles), one)]), np.append(wanted, one))
    return np.asarray(weights / weights.sum())


class Kpi(Lever):
    """Performance indicators with weights, cascaded from the agency to units to officers, and renewed."""

    group: ClassVar[str] = "needs"
    title = _("Key performance indicators")
    practice: ClassVar[bool] = True
    resumes: ClassVar[bool] = True
    evidence: ClassVar[tuple[str, ...]] = (
        "goal_setting",
        "mbo_high_commitment",
        "mbo_low_commitment",
        "needs_drift",
        "needs_goals_share",
    )
    outcomes: ClassVar[tuple[str, ...]] = ("kpi_alignment", "kpi_gain", "motivation", "performance")

    basis: str = param(
        _("weights of indicators: needs = by what is known to be needed, equal = all the same"),
        choices=("needs", "equal"),
        default="needs",
    )
    indicators: tuple[str, ...] = param(
        _("indicators in use (empty: all that fit a unit)"),
        default=(),
    )
    local: float = param(
        _("part of the unit's own needs; the rest is handed down by the agency"),
        low=0,
        high=1,
        default=0.5,
    )
    renewal: int = param(
        _("years between renewals"),
        unit="years",
        low=1,
        high=10,
        default=1,
    )
    clarity: float = param(
        _("clarity of indicators (SMART); 0.5 today"),
        low=0,
        high=1,
        default=0.8,
    )
    minutes: float = param(
        _("minutes per officer and renewal"),
        unit="minutes",
        low=0,
        high=2400,
        default=60.0,
    )
    cost: float = param(
        _("cost per unit and renewal (assumption)"),
        unit="Rp",
        low=0,
        high=1e9,
        default=1_000_000.0,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in self.indicators:
            check_code("kpi.indicators", name, indicators(), _("the table of indicators"))

    def run(self, world: World) -> Generator[Any, Any, None]:
        officers, climate = world.officers, world.climate
        kpi = [officers.column(f"kpi.{share}", 1 / len(SHARES)) for share in SHARES]
        goals = world.effect("motivation", "goal_setting")
        leans = [world.effects.entry(channel, Effect(0.0), part="effort") for channel in PERFORMANCE]
        for lean in leans:
            lean.personal[:] = 1.0  # the dose is the tilt
        own = world.remember(due=world.clock.month)
        try:
            while True:
                yield world.clock.next("month")
                everyone = officers.all()
                if world.clock.month >= own.due:
                    own.due = world.clock.month + 12 * self.renewal
                    for column, values in zip(kpi, self._cascade(world).T, strict=True):
                        column[:] = values
                    world.spend(everyone, self.minutes)
                    world.pay(self.cost * len(officers.slices))
                climate.clarity[:] = self.clarity
                # the evidence compares goals with no goals, so full clarity is its full dose
                goals.set(everyone, self.clarity - REFERENCE["clarity"])
                goals.require(climate.ratio("commitment"))
                rewarded = np.stack(kpi, axis=1)
                pull = np.clip(climate.stakes * climate.clarity * climate.trust, 0.0, 1.0)
                shares = effort(rewarded, pull)
                for lean, dose in zip(leans, tilt(shares).T, strict=True):
                    lean.set(everyone, dose)
                needs = of_units(world, citizens(world))[officers.unit]
                off = np.abs(needs - rewarded).sum(axis=1) / 2
                world.recorder.state("kpi_alignment", world.by_unit(1 - off))
                world.recorder.state("kpi_gain", world.by_unit(gain(needs, shares)))
        finally:
            climate.clarity[:] = REFERENCE["clarity"]

    def weights(self, unit: Unit, wanted: Float) -> dict[str, float]:
        """Return the weights of a unit's indicators, by code; empty where no indicator fits it.

        Parameters
        ----------
        unit : Unit
        wanted : float64[3]
            Shares of effort on speed, accuracy and courtesy that the KPIs should attract.
        """
        codes = [c for c in self.indicators or tuple(indicators()) if indicators()[c].fits(unit)]
        if not codes:
            return {}
        if self.basis == "equal":
            return dict.fromkeys(codes, 1 / len(codes))
        profiles = np.array([indicators()[code].effort for code in codes])
        return dict(zip(codes, fitted(profiles, wanted).tolist(), strict=True))

    def _cascade(self, world: World) -> Float:
        """Derive everyone's KPIs from the estimated needs, with the distortion at each step down."""
        officers = world.officers
        wanted = of_units(world, estimate(world))
        headcount = world.sum_by_unit(officers.there)
        if not headcount.any():
            headcount += 1
        whole = headcount @ wanted / headcount.sum()
        wanted = self.local * wanted + (1 - self.local) * whole
        loss = CASCADE * (1 - (self.clarity + world.climate.communication) / 2)
        out = np.empty((len(officers), len(SHARES)))
        for index, (unit, rows) in enumerate(zip(world.agency.units, officers.slices, strict=True)):
            weights = self.weights(unit, wanted[index])
            if not weights:
                out[rows] = HABIT
                continue
            chosen = sum(weight * np.array(indicators()[code].effort) for code, weight in weights.items())
            stream = world.streams.generator("kpi.cascade", index, world.clock.now)
            noise = stream.standard_normal((1 + rows.stop - rows.start, len(SHARES)))
            own = chosen * np.exp(loss[rows, None] * (noise[:1] + noise[1:]))
            out[rows] = own / own.sum(axis=1, keepdims=True)
        return out
