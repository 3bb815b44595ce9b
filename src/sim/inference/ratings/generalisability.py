"""Apply generalisability theory: where the variance of a rating comes from, and how many raters are enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from scipy import special, stats

from sim.errors import KinerjaError, Message, _
from sim.inference.data.checks import check_ratings
from sim.inference.models.crossed import CrossedModel
from sim.inference.models.mixed import Array
from sim.inference.models.mixed_fit import Fit, fit
from sim.inference.models.mixed_profile import Quantity, profile_interval
from sim.inference.models.variance_components import PROFILE_UP_TO, components_table
from sim.inference.ratings.identification import confounded, disconnected_notes, grouping_term, identification
from sim.inference.result import Note, Result, convergence_notes
from sim.language.numbers import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes


TARGET = 0.7
"""Reliability usually asked of a measure that is used in research (convention)."""

MOST = 100_000
"""Conditions of a facet beyond which "no number is enough" is the honest answer."""


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class GStudyResult(Result):
    """Variance components of ratings, and the reliability of a mean over planned conditions.

    Attributes
    ----------
    estimates : DataFrame
        component, variance (squared points of the score), low, high, share, method (of the interval: profile
        likelihood, Wald beyond 5,000 ratings).
    fit : Fit
    ratee : str
        The object of measurement.
    facets : tuple of str
        Raters, criteria, occasions...
    observed : dict
        Conditions of every facet that a ratee met (harmonic mean).
    level : float
        Of the intervals.
    """

    fit: Fit
    ratee: str
    facets: tuple[str, ...]
    observed: dict[str, float]
    level: float

    def coefficient(
        self, counts: Mapping[str, float] | None = None, *, absolute: bool = False, interval: bool = True
    ) -> tuple[float, float, float]:
        """Estimate the reliability of the mean over `counts` conditions of each facet, with its interval.

        The interval is the profile likelihood one up to 5,000 ratings, beyond that the delta method on the logit.

        Parameters
        ----------
        counts : mapping, optional
            Conditions of each facet in the planned measurement; those observed by default.
        absolute : bool
            The index of dependability (for decisions against a standard: facet main effects are error) instead
            of the generalisability coefficient (for ranking).
        interval : bool
            False leaves its ends NaN (quicker).

        Returns
        -------
        estimate, low, high : float
        """
        estimate = self._value(dict(self.observed) | dict(counts or {}), absolute)
        if not interval:
            return estimate, np.nan, np.nan
        if self.fit.model.n <= PROFILE_UP_TO or not 0.0 < estimate < 1.0:
            low, high = profile_interval(
                self.fit, self.quantity(counts, absolute=absolute), estimate, self.level
            )
            return estimate, low, high
        planned, theta = dict(self.observed) | dict(counts or {}), self.fit.theta
        steps = 1e-5 * np.diag(np.maximum(theta, 1e-3))
        value = [[self._value(planned, absolute, theta + sign * s) for s in steps] for sign in (1.0, -1.0)]
        slope = (np.array(value[0]) - np.array(value[1])) / (2.0 * np.diag(steps))
        se = float(np.sqrt(slope @ self.fit.theta_covariance() @ slope)) / (estimate * (1.0 - estimate))
        half = stats.norm.ppf(0.5 + self.level / 2.0) * se
        low, high = special.expit(special.logit(estimate) + half * np.array([-1.0, 1.0]))
        return estimate, float(low), float(high)

    def d_study(
        self, facet: str | None = None, counts: Sequence[int] = tuple(range(1, 11)), *, intervals: bool = True
    ) -> pd.DataFrame:
        """Estimate the reliability of the mean over 1, 2, ... conditions of a facet.

        Parameters
        ----------
        facet : str, optional
            The raters by default; the other facets keep the conditions observed.
        counts : sequence of int
            Numbers of conditions.
        intervals : bool
            False leaves the intervals out (quicker).

        Returns
        -------
        DataFrame
            n, relative, relative_low, relative_high, absolute, absolute_low, absolute_high.
        """
        facet = self._facet(facet)
        rows = []
        for n in counts:
            row: dict[str, float] = {"n": int(n)}
            for name in ("relative", "absolute"):
                absolute = name == "absolute"
                if intervals:
                    row[name], row[f"{name}_low"], row[f"{name}_high"] = self.coefficient(
                        {facet: n}, absolute=absolute
                    )
                else:
                    row[name] = self._value(dict(self.observed) | {facet: float(n)}, absolute)
            rows.append(row)
        return pd.DataFrame(rows)

    def needed(
        self, target: float = TARGET, facet: str | None = None, *, absolute: bool = False
    ) -> int | None:
        """Find the fewest conditions of a facet that reach a reliability.

        Parameters
        ----------
        target : float
            Between 0 and 1.
        facet : str, optional
            The raters by default.
        absolute : bool
            As in `coefficient`.

        Returns
        -------
        int or None
            None where no number is enough, or only one beyond `MOST`.
        """
        facet = self._facet(facet)
        if not 0.0 < target < 1.0:
            raise KinerjaError(_("target is {target}; choose a reliability between 0 and 1.", target=target))
        one, many = (
            self._error(self.fit.theta, dict(self.observed) | {facet: n}, absolute) for n in (1.0, np.inf)
        )
        room = self.fit.theta[0] ** 2 * (1.0 / target - 1.0) - many  # error that n conditions may leave
        if room <= 0.0 or (one - many) / room > MOST:
            return None
        n = max(1, int(np.ceil((one - many) / room * (1.0 - 1e-12))))
        return n if self._value(dict(self.observed) | {facet: float(n)}, absolute) >= target else n + 1

    def sentences(self) -> list[str]:
        share = self.estimates.set_index("component")["share"]
        needed = [number(n, 0) if n else _("no number") for n in (self.needed(), self.needed(absolute=True))]
        return [
            str(
                _(
                    "{share:.1%} of the variance of ratings lies between ratees. One rater has a reliability of "
                    "{relative:.2f} for ranking and {absolute:.2f} against a standard.",
                    share=share[self.ratee],
                    relative=self._value(dict(self.observed) | {self.facets[0]: 1.0}, False),
                    absolute=self._value(dict(self.observed) | {self.facets[0]: 1.0}, True),
                )
            ),
            str(
                _(
                    "Raters per ratee that reach {target:.2f}: {ranking} for ranking, {standard} against a standard.",
                    target=TARGET,
                    ranking=needed[0],
                    standard=needed[1],
                )
            ),
        ]

    def _draw_on(self, ax: Axes) -> None:
        draw_reliability(ax, self.d_study(intervals=False), self.facets[0])

    def _facet(self, facet: str | None) -> str:
        facet = self.facets[0] if facet is None else facet
        if facet not in self.facets:
            raise KinerjaError(
                _(
                    "{facet} is not a facet of this study; the facets are {facets}.",
                    facet=facet,
                    facets=", ".join(self.facets),
                )
            )
        return facet

    def _error(self, theta: Array, counts: Mapping[str, float], absolute: bool) -> float:
        """Return the error variance of the mean over the planned conditions, relative to the residual variance."""
        total = 1.0 / np.prod([counts[f] for f in self.facets])
        for value, name in zip(theta, self.fit.model.names, strict=True):
            parts = name.split(":")
            if name != self.ratee and (absolute or self.ratee in parts):
                total += value**2 / np.prod([counts[f] for f in parts if f != self.ratee])
        return float(total)

    def _value(self, counts: Mapping[str, float], absolute: bool, theta: Array | None = None) -> float:
        theta = self.fit.theta if theta is None else theta
        signal = theta[0] ** 2
        total = signal + self._error(theta, counts, absolute)
        return (
            float(signal / total) if total > 0.0 else 0.0
        )  # neither ratees nor error differ: nothing is measured

    def quantity(self, counts: Mapping[str, float] | None = None, *, absolute: bool = False) -> Quantity:
        """Return the coefficient as a quantity that can be profiled: with the error it fixes the variance of ratees."""
        planned = dict(self.observed) | dict(counts or {})

        def place(value: float, theta: Array) -> tuple[Array, float | None]:
            out = theta.copy()
            out[0] = np.sqrt(value / (1.0 - value) * self._error(theta, planned, absolute))
            return out, None

        return Quantity(0, place, high=1.0, attained=(True, False))


def draw_reliability(ax: Axes, curve: pd.DataFrame, facet: str | Message) -> None:
    """Draw the reliability of a mean by number of conditions of a facet, in the session's language.

    Parameters
    ----------
    ax : Axes
    curve : DataFrame
        n, relative, absolute, as of :meth:`GStudyResult.d_study`.
    facet : str or Message
        Name of the horizontal axis.
    """
    ax.plot(curve["n"], curve["relative"], "o-", label=str(_("for ranking")))
    ax.plot(curve["n"], curve["absolute"], "s--", label=str(_("against a standard")))
    ax.axhline(TARGET, color="0.7", lw=1)
    ax.set(xlabel=str(facet), ylabel=str(_("reliability")), ylim=(0.0, 1.0))
    ax.legend(loc="lower right")


def g_study(
    ratings: pd.DataFrame,
    *,
    score: str,
    ratee: str,
    facets: Sequence[str],
    intervals: bool = True,
    same_codes: bool | None = None,
    level: float = 0.95,
) -> GStudyResult:
    """Estimate variance components of ratees, facets and their two-way interactions, by REML.

    Parameters
    ----------
    ratings : DataFrame
        Long format; need not be balanced or complete.
    score, ratee : str
        Column names.
    facets : sequence of str
        Columns of the conditions of measurement, the raters first.
    intervals : bool
        Profile intervals of the variances (False: quicker).
    same_codes : bool, optional
        Whether equal codes of ratee and rater are one person (True) or two numberings (False); by default only where
        they are not short numbers, see `self_ratings`.
    level : float

    Returns
    -------
    GStudyResult

    Raises
    ------
    KinerjaError
        No facets; every ratee rated once; ratings that no model can use (see `check_ratings`).

    Notes
    -----
    Interactions that the design cannot separate from the residual are part of it (with one rating per ratee and
    rater, `ratee:rater` is); so is a facet nested in ratees, which a note then says. In a balanced design the
    estimates are those of the analysis of variance, where none of these is negative. Source: Brennan (2001),
    Generalizability Theory.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame({"officer": np.repeat(np.arange(40), 5), "rater": np.tile(np.arange(5), 40)})
    >>> data["score"] = rng.normal(size=40)[data.officer] + rng.normal(size=200)
    >>> g_study(data, score="score", ratee="officer", facets=["rater"]).needed(0.7)
    4
    """
    facets = tuple(facets)
    if not facets:
        raise KinerjaError(_("Name at least one facet, usually the column of the raters."))
    frame, notes = check_ratings(
        ratings, score=score, ratee=ratee, rater=facets[0], columns=facets[1:], same_codes=same_codes
    )
    basis = np.full((len(frame), 1), len(frame) ** -0.5)
    notes += disconnected_notes(identification(frame, ratee=ratee, rater=facets[0]))
    names = [ratee]
    for name in [*facets, *(f"{a}:{b}" for a, b in combinations([ratee, *facets], 2))]:
        if not confounded([grouping_term(frame, n) for n in [*names, name]], basis):
            names.append(name)
    if confounded([grouping_term(frame, ratee)], basis):
        raise KinerjaError(
            _("Every {ratee} has one rating, so its variance cannot be separated from error.", ratee=ratee)
        )
    nested = [f for f in facets if f not in names]
    if nested:
        said = _(
            "{facets}: nested in ratees, so its variance is part of the error.", facets=", ".join(nested)
        )
        notes += (Note("nested_facet", said),)
    y = frame[score].to_numpy(float)
    model = CrossedModel(y, np.ones((len(y), 1)), [grouping_term(frame, n) for n in names])
    fitted = fit(model)
    notes += convergence_notes(fitted.converged)
    how: Literal["profile", "auto", "none"] = (
        "none" if not intervals else "profile" if len(y) <= PROFILE_UP_TO else "auto"
    )
    sds = components_table(fitted, how, level)
    variance = sds["estimate"] ** 2
    table = pd.DataFrame({
        "component": sds["term"], "variance": variance, "low": sds["low"] ** 2, "high": sds["high"] ** 2,
        "share": variance / variance.sum(), "method": sds["method"],
    })  # fmt: skip
    observed = {f: _harmonic(frame.groupby(ratee, observed=True)[f].nunique()) for f in facets}
    return GStudyResult(
        estimates=table,
        notes=notes,
        fit=fitted,
        ratee=ratee,
        facets=facets,
        observed=observed,
        level=level,
    )


def _harmonic(counts: pd.Series) -> float:
    return float(len(counts) / (1.0 / counts).sum())
