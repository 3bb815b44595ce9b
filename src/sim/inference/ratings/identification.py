"""Who rated whom: what such a design can and cannot identify."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from sim.errors import KinerjaError
from sim.inference.data.checks import SHOWN, check_complete
from sim.inference.models.crossed import Term
from sim.inference.models.mixed import Array
from sim.inference.result import Lang, Note, Result
from sim.language.numbers import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def grouping_term(
    frame: pd.DataFrame, name: str, slope: str | None = None, *, intercept: bool = True
) -> Term:
    """A random-effect term of a column, or of an interaction "a:b", with an optional slope."""
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
    """Connected parts of the graph of ratees and raters: the part of every ratee, of every rater."""
    a, b = len(ratee.levels), len(rater.levels)
    ends = (ratee.codes, rater.codes + a)
    graph = sparse.coo_array((np.ones(len(ratee.codes)), ends), shape=(a + b, a + b))
    label = connected_components(graph, directed=False)[1]
    return label[:a], label[a:]


def confounded(terms: Sequence[Term], basis: Array) -> list[tuple[str, ...]]:
    """Sets of variance components that the design cannot tell apart.

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
    for i, (_, left) in enumerate(named):
        for j, (_, right) in enumerate(named[: i + 1]):
            cross = (left.T @ right).tocsr()
            a, b = left.T @ basis, right.T @ basis
            low_rank = (a.T @ a) * (b.T @ b)
            gram[i, j] = gram[j, i] = cross.power(2).sum() - 2.0 * np.sum((cross.T @ a) * b) + low_rank.sum()
    names, scale = np.array([name for name, _ in named]), np.sqrt(np.maximum(np.diag(gram), 0.0))
    absorbed = scale < 1e-6 * np.sqrt(len(basis))
    there, scale = np.flatnonzero(~absorbed), scale[~absorbed]
    values, vectors = np.linalg.eigh(gram[np.ix_(there, there)] / np.outer(scale, scale))
    alike = [
        names[there][np.abs(v) > 0.05] for value, v in zip(values, vectors.T, strict=True) if value < 1e-8
    ]
    return [(name,) for name in names[absorbed].tolist()] + [tuple(found.tolist()) for found in alike]


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class Identification(Result):
    """What a design identifies: one row a quantity, with the reason.

    Attributes
    ----------
    ratings, ratees, raters : int
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
        return len(self.parts) == 1

    @property
    def severity_identified(self) -> bool:
        """Whether the severities of any two raters can be compared at all."""
        return bool((self.parts["raters"] > 1).any())

    def prose(self, lang: Lang) -> str:
        n, a, b = (number(v, 0, lang=lang) for v in (self.ratings, self.ratees, self.raters))
        bad = self.estimates.loc[~self.estimates["identified"]]
        why = "reason_id" if lang == "id" else "reason_en"
        rows = " ".join(f"{q}: {r}" for q, r in zip(bad["quantity"], bad[why], strict=True))
        if lang == "id":
            head = (
                f"{n} penilaian atas {a} pegawai oleh {b} penilai, dalam {len(self.parts)} bagian terhubung."
            )
            return head + (
                f" Tidak teridentifikasi: {rows}"
                if len(bad)
                else " Keketatan, nilai yang adil, dan ragam pegawai teridentifikasi."
            )
        head = f"{n} ratings of {a} ratees by {b} raters, in {len(self.parts)} connected part(s)."
        return head + (
            f" Not identified: {rows}"
            if len(bad)
            else " Severity, fair scores and the variance of ratees are identified."
        )

    def _draw_on(self, ax: Axes) -> None:
        sizes = self.parts.head(20)
        ax.barh(sizes["part"].astype(str), sizes["ratees"], color="C0", label="ratees")
        ax.barh(sizes["part"].astype(str), -sizes["raters"], color="C1", label="raters")
        ax.invert_yaxis()
        ax.set_ylabel("connected part")
        ax.legend()


def identification(ratings: pd.DataFrame, *, ratee: str, rater: str) -> Identification:
    """Report what the pattern of who rated whom can identify.

    Parameters
    ----------
    ratings : DataFrame
    ratee, rater : str
        Column names.

    Returns
    -------
    Identification
        Quantities: differences in severity within and across connected parts, fair scores across parts, and
        whether ratee and residual variance can be told apart.

    Examples
    --------
    >>> import pandas as pd
    >>> boss = pd.DataFrame({"ratee": list("abcd"), "rater": ["x", "x", "y", "y"]})
    >>> identification(boss, ratee="ratee", rater="rater").severity_identified
    False
    """
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
    no_overlap_id = (
        "tidak ada pegawai yang dinilai dua penilai, jadi keketatan tercampur dengan mutu yang dinilai."
    )
    no_overlap_en = (
        "no ratee was rated by two raters, so severity is confounded with the true level of those rated."
    )
    apart_id = f"{len(parts)} bagian tidak pernah bertemu; beda antarbagian bisa keketatan, bisa mutu."
    apart_en = f"{len(parts)} parts never meet; a difference between them may be severity or true level."
    once_id = "setiap pegawai dinilai satu kali, jadi ragam pegawai tercampur dengan galat."
    once_en = "every ratee was rated once, so ratee variance is confounded with error."
    rows = [
        ("severity_within_parts", several, no_overlap_id, no_overlap_en),
        ("severity_across_parts", several and one_part, apart_id if several else no_overlap_id,
         apart_en if several else no_overlap_en),
        ("fair_scores_across_parts", several and one_part, apart_id, apart_en),
        ("ratee_variance", repeated, once_id, once_en),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["quantity", "identified", "reason_id", "reason_en"])
    table.loc[table["identified"], ["reason_id", "reason_en"]] = ""
    return Identification(
        estimates=table,
        ratings=len(frame),
        ratees=len(who.levels),
        raters=len(by.levels),
        parts=parts,
        single_rater=alone,
    )


def disconnected_notes(report: Identification) -> tuple[Note, ...]:
    """What to know of a result that rests on parts that never meet: their number, and what cannot be told."""
    if report.connected:
        return ()
    shown = report.parts.head(SHOWN)
    sizes = [f"{p.ratees} + {p.raters}" for p in shown.itertuples()] + ["..."] * (len(report.parts) > SHOWN)
    count, listed = len(report.parts), ", ".join(sizes)
    some = report.severity_identified
    same_id = "" if some else "Keketatan tidak teridentifikasi: tercampur dengan mutu yang dinilai. "
    same_en = "" if some else "Severity is not identified: it is confounded with those rated. "
    return (
        Note(
            "not_identified",
            f"{same_id}{count} bagian rancangan tidak pernah bertemu (yang dinilai + penilai: {listed}); perbandingan "
            "antarbagian bertumpu pada anggapan bahwa semuanya berasal dari satu populasi.",
            f"{same_en}{count} parts of the design never meet (ratees + raters: {listed}); comparisons across them "
            "rest on the assumption that all are draws of one population.",
        ),
    )


def require_connected(report: Identification, ratee: str, rater: str) -> None:
    """Refuse a design whose parts never meet, naming them."""
    if report.connected:
        return
    assume = (
        'pass disconnected="assume" to treat all as random draws of one population (the result will say so).'
    )
    if not report.severity_identified:
        raise KinerjaError(
            f"Severity is not identified: every {ratee} was rated by one {rater} only, so a severe {rater} "
            f"cannot be told from weak {ratee}s. Add a second {rater} for some, or {assume}"
        )
    shown = "; ".join(
        f"part {p.part}: {p.ratees} {ratee}s ({p.first_ratees}) and {p.raters} {rater}s ({p.first_raters})"
        for p in report.parts.head(SHOWN).itertuples()
    )
    more = "; ..." if len(report.parts) > SHOWN else ""
    raise KinerjaError(
        f"The design is disconnected: {len(report.parts)} parts share neither {ratee} nor {rater}, so "
        f"scores cannot be compared across them ({shown}{more}). Analyse the parts apart, add ratings that "
        f"link them, or {assume}"
    )


def _names(labels: pd.Index) -> str:
    return ", ".join(map(str, labels[:3])) + (" ..." if len(labels) > 3 else "")
