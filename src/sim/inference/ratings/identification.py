"""Find out what the pattern of ratees and raters can and cannot identify."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from sim.errors import KinerjaError, Message, _
from sim.inference.data.checks import SHOWN, check_complete, distinct_columns
from sim.inference.models.crossed import Term
from sim.inference.models.mixed import Array
from sim.inference.result import Note, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def grouping_term(
    frame: pd.DataFrame, name: str, slope: str | None = None, *, intercept: bool = True
) -> Term:
    """Make a random-effect term of a column, or of an interaction "a:b", with an optional slope.

    Parameters
    ----------
    frame : DataFrame
        Complete rows.
    name : str
        Column, or columns joined by ":".
    slope : str, optional
        Column whose effect varies between the levels.
    intercept : bool
        Whether the levels have an effect of their own.
    """
    parts = name.split(":")
    if len(parts) == 1:
        codes, levels = pd.factorize(frame[name], sort=True)
        labels = pd.Index(levels)
    else:
        grouped = frame.groupby(parts, sort=True, observed=True)
        codes = grouped.ngroup().to_numpy().astype(np.intp)
        labels = pd.MultiIndex.from_frame(frame[parts].drop_duplicates().sort_values(parts))
    columns = [np.ones(len(frame))] if intercept else []
    names = ["intercept"] if intercept else []
    if slope is not None:
        columns.append(frame[slope].to_numpy(float))
        names.append(slope)
    return Term(name, np.asarray(codes, dtype=np.int64), labels, np.column_stack(columns), tuple(names))


def components(ratee: Term, rater: Term) -> tuple[Array, Array]:
    """Find the connected parts of the graph of ratees and raters: the part of every ratee, and of every rater."""
    a, b = len(ratee.levels), len(rater.levels)
    ends = (ratee.codes, rater.codes + a)
    graph = sparse.coo_array((np.ones(len(ratee.codes)), ends), shape=(a + b, a + b))
    label = connected_components(graph, directed=False)[1]
    return label[:a], label[a:]


def confounded(terms: Sequence[Term], basis: Array) -> list[tuple[str, ...]]:
    """Find sets of variance components that the design cannot separate.

    The components are identified when the matrices `P Z_k Z_k' P` and `P` (P takes out the fixed effects) are
    linearly independent; their Gram matrix under the trace is formed from cross-products only.

    Parameters
    ----------
    terms : sequence of Term
    basis : float array (n, p)
        Orthonormal basis of the fixed effects.

    Returns
    -------
    list of tuple of str
        Each the names of inseparable components ("residual" is one of the possible names); a single name is a component
        that the fixed effects take up.
    """
    named: list[tuple[str, sparse.csr_array]] = []
    for term in terms:
        for j, coefficient in enumerate(term.coefficients):
            label = term.name if coefficient == "intercept" else f"{term.name}:{coefficient}"
            single = Term(term.name, term.codes, term.levels, term.columns[:, [j]])
            named.append((label, single.matrix()))
    named.append(("residual", sparse.eye_array(len(basis), format="csr")))
    gram = np.empty((len(named), len(named)))
    for i, (__, left) in enumerate(named):
        for j, (__, right) in enumerate(named[: i + 1]):
            cross = (left.T @ right).tocsr()
            a, b = left.T @ basis, right.T @ basis
            low_rank = (a.T @ a) * (b.T @ b)
            gram[i, j] = gram[j, i] = cross.power(2).sum() - 2.0 * np.sum((cross.T @ a) * b) + low_rank.sum()
    names, scale = np.array([name for name, __ in named]), np.sqrt(np.maximum(np.diag(gram), 0.0))
    absorbed = scale < 1e-6 * np.sqrt(len(basis))
    there, scale = np.flatnonzero(~absorbed), scale[~absorbed]
    values, vectors = np.linalg.eigh(gram[np.ix_(there, there)] / np.outer(scale, scale))
    alike = [
        names[there][np.abs(v) > 0.05] for value, v in zip(values, vectors.T, strict=True) if value < 1e-8
    ]
    return [(name,) for name in names[absorbed].tolist()] + [tuple(same.tolist()) for same in alike]


QUANTITIES: dict[str, Message] = {
    "severity_within_parts": _("severity within a part"),
    "severity_across_parts": _("severity across parts"),
    "fair_scores_across_parts": _("fair scores across parts"),
    "ratee_variance": _("variance of ratees"),
}
"""Quantities that a design may or may not identify. A part holds all who are linked by ratings."""


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class IdentificationResult(Result):
    """What a design identifies: one row per quantity, with the reason.

    Attributes
    ----------
    estimates : DataFrame
        quantity (keys of `QUANTITIES`), identified, reason (Message; empty where identified).
    ratings, ratees, raters : int
        How many.
    parts : DataFrame
        Connected parts: part, ratings, ratees, raters, and the first names of each.
    single_rater : float
        Share of ratees who were rated by one rater only.
    """

    ratings: int
    ratees: int
    raters: int
    parts: pd.DataFrame
    single_rater: float

    @property
    def connected(self) -> bool:
        """Whether every rater can be compared with every other."""
        return len(self.parts) == 1

    @property
    def severity_identified(self) -> bool:
        """Whether the severities of any two raters can be compared at all."""
        return bool((self.parts["raters"] > 1).any())

    def identified(self, quantity: str) -> bool:
        """Tell whether a quantity (key of `QUANTITIES`) is identified."""
        return bool(self.estimates.set_index("quantity").loc[quantity, "identified"])

    def table(self) -> pd.DataFrame:
        """Return one row per quantity: quantity, identified, reason (in the session's language)."""
        return self.estimates.assign(reason=self.estimates["reason"].map(str))

    def sentences(self) -> list[str]:
        head = _(
            "{ratings:,} ratings of {ratees:,} ratees by {raters:,} raters, in {parts:,} connected part(s).",
            ratings=self.ratings,
            ratees=self.ratees,
            raters=self.raters,
            parts=len(self.parts),
        )
        bad = self.estimates[~self.estimates["identified"]]
        said = [
            _("Not identified: {what}. {reason}", what=QUANTITIES[row.quantity], reason=row.reason)
            for row in bad.itertuples()
        ]
        said = said or [_("Severity, fair scores and the variance of ratees are identified.")]
        return [str(message) for message in (head, *said)]

    def _draw_on(self, ax: Axes) -> None:
        sizes = self.parts.head(20)
        ax.barh(sizes["part"].astype(str), sizes["ratees"], color="C0", label=str(_("ratees")))
        ax.barh(sizes["part"].astype(str), -sizes["raters"], color="C1", label=str(_("raters")))
        ax.invert_yaxis()
        ax.set_ylabel(str(_("connected part")))
        ax.legend()


def identification(ratings: pd.DataFrame, *, ratee: str, rater: str) -> IdentificationResult:
    """Report what the pattern of ratees and raters can identify.

    Parameters
    ----------
    ratings : DataFrame
    ratee, rater : str
        Column names.

    Returns
    -------
    IdentificationResult
        Quantities: differences in severity within and across connected parts, fair scores across parts, and
        whether the variance of ratees can be separated from error.

    Examples
    --------
    >>> import pandas as pd
    >>> boss = pd.DataFrame({"ratee": list("abcd"), "rater": ["x", "x", "y", "y"]})
    >>> identification(boss, ratee="ratee", rater="rater").severity_identified
    False
    """
    distinct_columns("ratings", ratee=ratee, rater=rater)
    frame = check_complete(ratings, [ratee, rater], "ratings")[0][[ratee, rater]]
    who, by = grouping_term(frame, ratee), grouping_term(frame, rater)
    part_ratee, part_rater = components(who, by)
    label = part_ratee[who.codes]
    parts = pd.DataFrame({
        "ratings": np.bincount(label),
        "ratees": np.bincount(part_ratee),
        "raters": np.bincount(part_rater),
        "first_ratees": [_names(who.levels[part_ratee == k]) for k in range(part_ratee.max() + 1)],
        "first_raters": [_names(by.levels[part_rater == k]) for k in range(part_ratee.max() + 1)],
    })  # fmt: skip
    parts = parts.sort_values("ratings", ascending=False, kind="stable").reset_index(drop=True)
    parts.insert(0, "part", parts.index + 1)

    pairs = frame.drop_duplicates()
    alone = float((pairs.groupby(ratee, observed=True).size() == 1).mean())
    repeated = len(who.levels) < len(frame)
    several, one_part = bool((parts["raters"] > 1).any()), len(parts) == 1
    no_overlap = _(
        "No ratee was rated by two raters, so severity is confounded with the true level of ratees."
    )
    apart = _(
        "{n:,} parts never meet; a difference between them may be one of severity or of true level.",
        n=len(parts),
    )
    once = _("Every ratee was rated once, so the variance of ratees is confounded with error.")
    rows = [
        ("severity_within_parts", several, no_overlap),
        ("severity_across_parts", several and one_part, apart if several else no_overlap),
        ("fair_scores_across_parts", several and one_part, apart),
        ("ratee_variance", repeated, once),
    ]
    table = pd.DataFrame(
        [(quantity, known, "" if known else reason) for quantity, known, reason in rows],
        columns=["quantity", "identified", "reason"],
    )
    return IdentificationResult(
        estimates=table,
        ratings=len(frame),
        ratees=len(who.levels),
        raters=len(by.levels),
        parts=parts,
        single_rater=alone,
    )


def disconnected_notes(report: IdentificationResult) -> tuple[Note, ...]:
    """Note that a result rests on parts that never meet: their number, and what cannot be compared."""
    if report.connected:
        return ()
    sizes = [f"{p.ratees} + {p.raters}" for p in report.parts.head(SHOWN).itertuples()]
    apart = _(
        "{n:,} parts of the design never meet (ratees + raters: {sizes}); comparisons across them rest on the "
        "assumption that all are draws of one population.",
        n=len(report.parts),
        sizes=", ".join(sizes + ["..."] * (len(report.parts) > SHOWN)),
    )
    if not report.severity_identified:
        apart = _(
            "Severity is not identified: it is confounded with the true level of ratees. {apart}", apart=apart
        )
    return (Note("not_identified", apart),)


def require_connected(report: IdentificationResult, ratee: str, rater: str) -> None:
    """Refuse a design whose parts never meet, naming the parts.

    Raises
    ------
    KinerjaError
    """
    if report.connected:
        return
    assume = _(
        'pass disconnected="assume" to treat all as random draws of one population (the result will say so).'
    )
    if not report.severity_identified:
        raise KinerjaError(
            _(
                "Severity is not identified: every {ratee} was rated by one {rater} only, so a severe {rater} "
                "cannot be told apart from weak {ratee}s. Add a second {rater} for some, or {assume}",
                ratee=ratee,
                rater=rater,
                assume=assume,
            )
        )
    shown: list[Message | str] = [
        _(
            "part {part}: {ratees:,} {ratee} ({first_ratees}) and {raters:,} {rater} ({first_raters})",
            part=p.part,
            ratees=p.ratees,
            ratee=ratee,
            first_ratees=p.first_ratees,
            raters=p.raters,
            rater=rater,
            first_raters=p.first_raters,
        )
        for p in report.parts.head(SHOWN).itertuples()
    ]
    raise KinerjaError(
        _(
            "The design is disconnected: {n:,} parts share neither {ratee} nor {rater}, so scores cannot be "
            "compared across them ({parts}). Analyse the parts apart, add ratings that link them, or {assume}",
            n=len(report.parts),
            ratee=ratee,
            rater=rater,
            parts=(*shown, *["..."] * (len(report.parts) > SHOWN)),
            assume=assume,
        )
    )


def _names(labels: pd.Index) -> str:
    return ", ".join(map(str, labels[:3])) + (" ..." if len(labels) > 3 else "")
