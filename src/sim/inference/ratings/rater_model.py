"""Rater effects: severity, fair scores and relationship bias where raters and ratees cross."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd
from scipy import linalg, stats

from sim.errors import KinerjaError
from sim.inference.data.checks import check_ratings
from sim.inference.models.crossed import CrossedModel, Term
from sim.inference.models.formulas import fixed_effects, read_formula, variables
from sim.inference.models.mixed_fit import Fit, fit
from sim.inference.ratings.identification import (
    Identification,
    confounded,
    disconnected_notes,
    grouping_term,
    identification,
    require_connected,
)
from sim.inference.ratings.rater_result import PROFILE_UP_TO, Method, RaterModel, components_table
from sim.inference.result import Note


def rater_model(
    ratings: pd.DataFrame,
    *,
    score: str,
    ratee: str,
    rater: str,
    fixed: str = "1",
    groups: Sequence[str] = (),
    slopes: Mapping[str, str] | None = None,
    method: Literal["reml", "ml"] = "reml",
    disconnected: Literal["refuse", "assume"] = "refuse",
    intervals: Method | Literal["none"] | None = None,
    level: float = 0.95,
) -> RaterModel:
    """Linear mixed model of ratings with crossed random effects of ratee and rater.

    Parameters
    ----------
    ratings : DataFrame
        One rating a row; unbalanced and incomplete designs are normal.
    score, ratee, rater : str
        Column names.
    fixed : str
        Formula of the fixed effects, as in ``"1 + same_unit + C(purpose)"``.
    groups : sequence of str
        Further grouping factors, nested or crossed: ``"unit"``, or interactions ``"ratee:rater"``.
    slopes : mapping of str to str
        Random slope of a column by a grouping factor, correlated with its intercept:
        ``{"rater": "closeness"}``.
    method : {"reml", "ml"}
    disconnected : {"refuse", "assume"}
        What to do when parts of the design never meet: stop and name them, or treat their effects as random
        draws of one population, which is an assumption no data can check.
    intervals : {"profile", "wald", "none"}, optional
        Of the standard deviations: profile likelihood, Wald of the logarithm, or none (quickest). By default
        profile up to 5,000 ratings, Wald beyond.
    level : float
        Of the intervals.

    Returns
    -------
    RaterModel

    Raises
    ------
    KinerjaError
        Anything that would make the numbers meaningless: see `check_ratings`; collinear fixed effects;
        variance components the design cannot separate; a disconnected design.

    Notes
    -----
    Intervals of fixed effects use Satterthwaite's degrees of freedom. Log-likelihoods are those of lme4.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame({"officer": np.repeat(np.arange(30), 4), "rater": np.arange(120) % 11})
    >>> data["score"] = rng.normal(size=30)[data.officer] + rng.normal(size=120)
    >>> model = rater_model(data, score="score", ratee="officer", rater="rater")
    >>> model.converged, len(model.severity)
    (True, 11)
    """
    if method not in ("reml", "ml"):
        raise KinerjaError(f'Method "{method}" is not known. Use "reml" or "ml".')
    slopes = dict(slopes or {})
    formula = read_formula(fixed)
    names = [c for g in groups for c in g.split(":")] + list(slopes.values())
    names += variables(formula)
    frame, notes = check_ratings(ratings, score=score, ratee=ratee, rater=rater, columns=names)
    report = identification(frame, ratee=ratee, rater=rater)
    if disconnected == "refuse":
        require_connected(report, ratee, rater)
    X = fixed_effects(formula, frame).matrix
    terms = [grouping_term(frame, g, slopes.pop(g, None)) for g in dict.fromkeys([ratee, rater, *groups])]
    if slopes:
        raise KinerjaError(f"Slopes name {', '.join(slopes)}, which is no grouping factor; add it to groups.")
    _require_separable(terms, X)
    model = CrossedModel(frame[score].to_numpy(float), X.to_numpy(float), terms)
    fitted = fit(model, reml=method == "reml")
    how = intervals or ("profile" if len(frame) <= PROFILE_UP_TO else "wald")
    parts = [_fixed_table(fitted, list(X.columns), level), components_table(fitted, how, level)]
    table = pd.concat(parts, ignore_index=True)
    return RaterModel(
        estimates=table,
        notes=notes + _cautions(fitted, report),
        engine=model,
        fit=fitted,
        frame=frame,
        design=X,
        identification=report,
        score=score,
        ratee=ratee,
        rater=rater,
        level=level,
    )


def _require_separable(terms: Sequence[Term], X: pd.DataFrame) -> None:
    """Refuse variance components that the design cannot tell apart."""
    basis = linalg.qr(X.to_numpy(float), mode="economic")[0]
    sets = confounded(terms, basis)
    if sets:
        alone = [names[0] for names in sets if len(names) == 1]
        if alone:
            raise KinerjaError(
                f"Not identified: the variance of {', '.join(alone)} is taken up by the fixed effects (a factor with "
                "one level, or one that is also in the formula). Leave it out of one of them."
            )
        listed = "; ".join(" and ".join(names) for names in sets)
        raise KinerjaError(
            f"Not identified: the variances of {listed} cannot be told apart in this design (for instance "
            "one rating a ratee, or one supervisor a unit). Leave one of them out, or add ratings that cross "
            "them."
        )


def _fixed_table(fitted: Fit, names: list[str], level: float) -> pd.DataFrame:
    solution = fitted.solution
    se, df = np.sqrt(np.diag(solution.covariance)), fitted.degrees_of_freedom()
    half = stats.t.ppf(0.5 + level / 2.0, df) * se
    return pd.DataFrame({
        "part": "fixed",
        "term": names,
        "estimate": solution.beta,
        "se": se,
        "df": df,
        "low": solution.beta - half,
        "high": solution.beta + half,
        "p": 2.0 * stats.t.sf(np.abs(solution.beta) / se, df),
        "method": "satterthwaite",
    })  # fmt: skip


def _cautions(fitted: Fit, report: Identification) -> tuple[Note, ...]:
    notes = []
    if not fitted.converged:
        notes.append(
            Note(
                "not_converged",
                "Pengoptimal tidak konvergen; angka-angka ini jangan dipakai.",
                "The optimiser did not converge; do not use these numbers.",
            )
        )
    if fitted.boundary:
        names = ", ".join(fitted.boundary)
        notes.append(
            Note(
                "boundary",
                f"Taksiran berada di batas (ragam nol atau korelasi ±1): {names}.",
                f"Estimates lie on the boundary (a variance of zero or a correlation of ±1): {names}.",
            )
        )
    return (*notes, *disconnected_notes(report))
