"""Write a report on ratings for people who do not write Python: how reliable are they, how severe the raters?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.errors import KinerjaError, Message, _
from sim.inference.data.checks import require_columns, self_ratings
from sim.inference.data.read import read_ratings
from sim.inference.data.suppression import MIN_SIZE, suppress_small
from sim.inference.page import Section, page
from sim.inference.ratings.generalisability import TARGET, GStudyResult, draw_reliability, g_study
from sim.inference.ratings.identification import IdentificationResult, identification
from sim.inference.ratings.many_facet_rasch import many_facet_rasch
from sim.inference.ratings.ordered_model import ordered_levels
from sim.inference.ratings.rater_errors import central_tendency, halo
from sim.inference.ratings.rater_model import RaterModelResult, rater_model
from sim.inference.ratings.reliability import unit_icc
from sim.inference.result import Result, forest, interval
from sim.language import speaking
from sim.language.numbers import number
from sim.tables import left_out, sentences

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHOWN = 10
"""Most severe and most lenient raters shown."""

CLOSENESS = _("closeness")
"""What the column of closeness is called on the page: one word, since it enters a formula."""


@dataclass(frozen=True)
class _Ratings:
    """The ratings of a report and the names of their columns.

    Attributes
    ----------
    frame : DataFrame
        One rating (of one criterion) per row.
    pairs : DataFrame
        One number per rating, in column "score"; over criteria, their mean for every pair of ratee and rater.
    """

    frame: pd.DataFrame
    pairs: pd.DataFrame
    score: str
    ratee: str
    rater: str
    criterion: str | None
    unit: str | None
    tie: str | None
    ordered: bool


@dataclass(frozen=True)
class _Figure:
    """A figure of the page that is not one of a result."""

    draw: Callable[[Axes], object]


def ratings_report(
    path: str | Path | pd.DataFrame,
    score: str,
    ratee: str,
    rater: str,
    out: str | Path,
    *,
    lang: str | None = None,
    criterion: str | None = None,
    unit: str | None = None,
    tie: str | None = None,
    min_size: int = MIN_SIZE,
    scores: str | Path | None = None,
    levels: Sequence[str] = (),
    sheet: str | int = 0,
    pseudonyms: Sequence[str] = (),
    project: str | None = None,
    same_codes: bool | None = None,
    missing: Sequence[str] = (),
    decimal: str | None = None,
) -> Path:
    """Read ratings, fit what their design allows, and write one HTML page.

    Parameters
    ----------
    path : path or DataFrame
        CSV, Excel or parquet, one rating per row. Personal data are refused unless pseudonymised.
    score, ratee, rater : str
        Columns. Scores are numbers, or predikat.
    out : path
        HTML file to write; its folder must exist.
    lang : {"id", "en"}, optional
        The session's language by default.
    criterion : str, optional
        Column of the criterion where each rater scores several; severity is then that of their mean.
    unit : str, optional
        Column of the ratee's unit: how much units differ.
    tie : str, optional
        Column of 0/1 or a number: closeness of rater and ratee, for relationship bias.
    min_size : int
        Raters and units with fewer ratings are counted but not shown.
    scores : path, optional
        CSV file for fair scores and ranks of every ratee; they are about persons, so they are not on the page.
    levels : sequence of str
        Words that are scores, lowest first, where they are no predikat.
    sheet, pseudonyms, project, missing, decimal
        As in `read_ratings`.
    same_codes : bool, optional
        Whether equal codes of ratee and rater are one person (True) or two numberings (False); by default only where
        they are not short numbers, see `self_ratings`. Self-ratings are left out, and counted on the page.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    KinerjaError
        A folder or a column that does not exist, a file that cannot be read, personal data.
    """
    target = Path(out)
    for file in (target, *([Path(scores)] if scores else [])):
        if not file.parent.is_dir():
            raise KinerjaError(
                _("{parent}: there is no such folder to write the report to.", parent=file.parent)
            )
    source = path if isinstance(path, pd.DataFrame) else Path(path)
    frame = read_ratings(
        source, ratee=ratee, rater=rater, score=score, ordered=None, levels=levels, numbers=[tie] if tie else [],
        sheet=sheet, pseudonyms=pseudonyms, project=project, missing=missing, decimal=decimal,
    )  # fmt: skip
    ordered = not pd.api.types.is_numeric_dtype(frame[score])
    name = "data" if isinstance(source, pd.DataFrame) else source.name
    require_columns(frame, [c for c in (criterion, unit) if c is not None], name)
    own, doubt = self_ratings(frame, ratee=ratee, rater=rater, same_codes=same_codes)
    unscored = frame[score].isna()
    unknown = ~unscored & (frame[rater].isna() | frame[ratee].isna())
    used = frame[~own & ~unscored & ~unknown].reset_index(drop=True)
    for reason, rows in (
        ("without_score", unscored),
        ("without_rater", unknown),
        ("self_ratings", own & ~unscored),
    ):
        left_out(used, reason, int(rows.sum()))
    frame = used
    with speaking(lang):
        pairs = _pairs(frame, score, ratee, rater, criterion, unit, tie, ordered)
        data = _Ratings(frame, pairs, score, ratee, rater, criterion, unit, tie, ordered)
        lead, sections, model = _findings(data, int(own.sum()), doubt, min_size)
        sections.append(Section(_("What was read"), sentences(frame)))
        footer = _(
            "Made by kinerja ratings from {name}. Groups below {min_size} are not shown.",
            name=name,
            min_size=min_size,
        )
        title = _("Performance ratings: reliability and severity")
        text = page(title, lead, sections, footer)
    if model is not None and scores is not None:
        fair = model.fair_scores.merge(model.ranks().drop(columns=["low", "high"]), on=ratee)
        fair.to_csv(Path(scores), index=False)
    target.write_text(text, encoding="utf-8")
    return target


def _findings(
    data: _Ratings, own: int, doubt: Message | None, min_size: int
) -> tuple[Message | str, list[Section], RaterModelResult | None]:
    """Return the lead, the sections and the fitted model, None where the design allows none."""
    design = identification(data.frame, ratee=data.ratee, rater=data.rater)
    sections = [_design(data, design, own, doubt)]
    if not design.identified("ratee_variance"):
        lead = _("Every ratee was rated once: neither reliability nor severity can be estimated.")
        return lead, sections, None
    study = g_study(data.pairs, score="score", ratee=data.ratee, facets=[data.rater], same_codes=False)
    model = rater_model(
        data.pairs,
        score="score",
        ratee=data.ratee,
        rater=data.rater,
        fixed="1" if data.tie is None else f"1 + {CLOSENESS}",
        disconnected="assume",
        same_codes=False,
    )
    sections += [_reliability(study), _severity(model, min_size), *_fair_scores(data, model)]
    if data.criterion is not None and not data.ordered and len(data.frame[data.criterion].unique()) > 1:
        together = halo(
            data.frame,
            score=data.score,
            ratee=data.ratee,
            rater=data.rater,
            criterion=data.criterion,
            same_codes=False,
        )
        sections.append(_section(_("Halo"), together))
    if data.unit is not None:
        sections.append(_units(data.pairs, data.ratee, data.unit, min_size))
    return _lead(study, model, design), sections, model


def _pairs(
    frame: pd.DataFrame,
    score: str,
    ratee: str,
    rater: str,
    criterion: str | None,
    unit: str | None,
    tie: str | None,
    ordered: bool,
) -> pd.DataFrame:
    """Return one number per rating; over criteria, their mean for every pair of ratee and rater."""
    values = frame[score]
    if ordered:
        order, __ = ordered_levels(values, None)
        values = values.astype(object).map({level: float(k) for k, level in enumerate(order)}).astype(float)
    keep = [c for c in (unit, tie) if c is not None]
    pairs = frame[[ratee, rater, *keep]].assign(score=values)
    if criterion is None:
        pairs = pairs.assign(row=np.arange(len(pairs)))  # repeated ratings of a pair are not duplicates
    else:
        grouped = pairs.groupby([ratee, rater], observed=True, as_index=False)
        pairs = grouped.agg({"score": "mean"} | dict.fromkeys(keep, "first"))
    return pairs if tie is None else pairs.rename(columns={tie: str(CLOSENESS)})


def _section(
    heading: Message,
    result: Result,
    more: Sequence[Message] = (),
    *,
    table: pd.DataFrame | None = None,
    figure: _Figure | None = None,
    caption: Message | str = "",
) -> Section:
    """Make a section of what a result says, in the session's language."""
    return Section(heading, [*result.sentences(), *more], table, figure, caption, result.notes)


def _design(data: _Ratings, design: IdentificationResult, own: int, doubt: Message | None) -> Section:
    each = data.frame.groupby(data.ratee, observed=True).size()
    lines = [
        _(
            "The median ratee has {n:,.0f} ratings; {share:.1%} were rated by one person only.",
            n=each.median(),
            share=design.single_rater,
        )
    ]
    if own:
        lines.append(_("{n:,} self-ratings were left out.", n=own))
    if doubt is not None:
        lines.append(doubt)
    return _section(_("Who rated whom"), design, lines)


def _lead(study: GStudyResult, model: RaterModelResult, design: IdentificationResult) -> str:
    estimate, low, high = study.coefficient({study.facets[0]: 1.0}, absolute=True)
    n = study.needed(absolute=True)
    parts = [
        _(
            "One rating has a reliability of {estimate:.2f} {interval}.",
            estimate=estimate,
            interval=interval(low, high),
        ),
        _("Raters needed per ratee for a reliability of {target:.2f}: {n:,}.", target=TARGET, n=n)
        if n
        else _("No number of raters would reach a reliability of {target:.2f}.", target=TARGET),
        _("{share:.1%} of the variance is severity of raters.", share=model.share(model.rater))
        if design.severity_identified
        else _("Severity of raters is NOT identified."),
    ]
    return " ".join(map(str, parts))


def _reliability(study: GStudyResult) -> Section:
    curve = study.d_study(counts=[1, 2, 3, 4, 5, 7, 10])

    def cells(name: str) -> list[str]:
        columns = [curve[name], curve[f"{name}_low"], curve[f"{name}_high"]]
        return [f"{number(x, 2)} ({number(a, 2)}–{number(b, 2)})" for x, a, b in zip(*columns, strict=True)]

    raters = _("raters per ratee")
    table = pd.DataFrame({
        str(raters): curve["n"],
        str(_("for ranking")): cells("relative"),
        str(_("against a standard")): cells("absolute"),
    })  # fmt: skip
    return _section(
        _("How reliable"),
        study,
        table=table,
        figure=_Figure(lambda ax: draw_reliability(ax, curve, raters)),
        caption=_("Reliability by number of raters; in the table with 95% confidence intervals."),
    )


def _severity(model: RaterModelResult, min_size: int) -> Section:
    heading = _("Severity of raters")
    if not model.identification.severity_identified:
        return _section(heading, model)
    shown = model.severity[model.severity["n"] >= min_size].drop(columns="identified")
    left = len(model.severity) - len(shown)
    more = [_("{n:,} raters with too few ratings are not shown.", n=left)] if left else []
    if shown.empty:
        return _section(heading, model, more)
    if len(shown) > 2 * SHOWN:
        shown = pd.concat([shown.head(SHOWN), shown.tail(SHOWN)])

    def draw(ax: Axes) -> None:
        forest(ax, shown, model.rater, zero=0.0)
        ax.set_xlabel(str(_("severity (points of the score)")))

    caption = _("The most severe and the most lenient raters; lines: 95% confidence intervals.")
    return _section(heading, model, more, table=shown, figure=_Figure(draw), caption=caption)


def _fair_scores(data: _Ratings, model: RaterModelResult) -> list[Section]:
    """Return what is known once severity is identified: fair scores, bunched scores, the predikat scale."""
    if not model.identification.severity_identified:
        return []
    ranks = model.ranks(draws=500)
    moved = (ranks["rank"] - ranks["raw_rank"]).abs() / len(ranks)
    said = _(
        "Adjusted for severity, {moved:.1%} of ratees move by more than a tenth of the ranks. The 95% confidence "
        "interval of a rank spans {width:.0%} of the list (median): do not read small differences.",
        moved=float((moved > 0.1).mean()),
        width=float(((ranks["high"] - ranks["low"]) / len(ranks)).median()),
    )
    sections = [Section(_("Fair scores"), [said])]
    if (model.severity["n"] >= 3).any():
        sections.append(_section(_("Bunched scores"), central_tendency(model)))
    if data.ordered:
        rasch = many_facet_rasch(
            data.frame,
            score=data.score,
            ratee=data.ratee,
            rater=data.rater,
            facets=[data.criterion] if data.criterion else [],
            disconnected="assume",
            same_codes=False,
        )
        sections.append(_section(_("On the predikat scale (Rasch)"), rasch, table=rasch.thresholds))
    return sections


def _units(pairs: pd.DataFrame, ratee: str, unit: str, min_size: int) -> Section:
    people = pairs.groupby([ratee, unit], observed=True, as_index=False)["score"].mean()
    table = people.groupby(unit, observed=True)["score"].agg(n="size", mean="mean").reset_index()
    shown = suppress_small(table, min_size, count="n", by=[unit]).dropna().astype({"n": int})
    left = len(table) - len(shown)
    more = [_("{n:,} units are not shown (small groups).", n=left)] if left else []
    between = unit_icc(people, unit=unit, score="score")
    shown = shown.rename(columns={"mean": str(_("mean"))})
    return _section(_("Between units"), between, more, table=None if shown.empty else shown)
