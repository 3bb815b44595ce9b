"""A report for people who do not write Python: how reliable are these ratings, and how severe the raters?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.errors import KinerjaError
from sim.inference.data.read import read_ratings
from sim.inference.data.suppression import MIN_SIZE, suppress_small
from sim.inference.page import Section, page
from sim.inference.ratings.generalisability import GStudy, g_study
from sim.inference.ratings.identification import Identification, identification
from sim.inference.ratings.many_facet_rasch import many_facet_rasch
from sim.inference.ratings.ordered_model import ordered_levels
from sim.inference.ratings.rater_errors import central_tendency, halo
from sim.inference.ratings.rater_model import rater_model
from sim.inference.ratings.rater_result import RaterModel
from sim.inference.ratings.reliability import unit_icc
from sim.inference.result import Lang, Note, Result, forest, interval
from sim.language.catalogue import checked
from sim.language.numbers import number, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHOWN = 10  # most severe and most lenient raters
TIE = ("kedekatan", "closeness")  # a column's name in the page, in both languages


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class _Severities(Result):
    """The raters who may be shown."""

    rater: str
    axis: str

    def prose(self, lang: Lang) -> str:
        return ""

    def _draw_on(self, ax: Axes) -> None:
        forest(ax, self.estimates, self.rater, zero=0.0)
        ax.set_xlabel(self.axis)


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class _Curve(Result):
    """Reliability by number of raters, in the page's language."""

    labels: tuple[str, str, str, str]

    def prose(self, lang: Lang) -> str:
        return ""

    def _draw_on(self, ax: Axes) -> None:
        for name, style, label in (("relative", "o-", self.labels[0]), ("absolute", "s--", self.labels[1])):
            ax.plot(self.estimates["n"], self.estimates[name], style, label=label)
        ax.axhline(0.7, color="0.7", lw=1)
        ax.set(xlabel=self.labels[2], ylabel=self.labels[3], ylim=(0.0, 1.0))
        ax.legend(loc="lower right")


def ratings_report(
    path: str | Path | pd.DataFrame,
    score: str,
    ratee: str,
    rater: str,
    out: str | Path,
    lang: Lang = "id",
    *,
    criterion: str | None = None,
    unit: str | None = None,
    tie: str | None = None,
    min_size: int = MIN_SIZE,
    scores: str | Path | None = None,
    pseudonyms: tuple[str, ...] = (),
    project: str | None = None,
) -> Path:
    """Read ratings, fit what their design allows, and write one HTML page.

    Parameters
    ----------
    path : path or DataFrame
        CSV, Excel or parquet, one rating a row. Personal data are refused unless pseudonymised.
    score, ratee, rater : str
        Columns. Scores are numbers, or predikat.
    out : path
        HTML file to write; its folder must exist.
    lang : {"id", "en"}
    criterion : str, optional
        Column of the criterion where each rater scores several; severity is then that of their mean.
    unit : str, optional
        Column of the ratee's unit: how much units differ.
    tie : str, optional
        Column of 0/1 or a number: closeness of rater and ratee, for relationship bias.
    min_size : int
        Raters and units with fewer ratings are counted but not shown.
    scores : path, optional
        CSV file for fair scores and ranks of every ratee; they are about persons, so they are not in the page.
    pseudonyms, project
        As in `read_ratings`.

    Returns
    -------
    Path
        The page.
    """
    checked(lang)
    target = Path(out)
    for file in (target, *([Path(scores)] if scores else [])):
        if not file.parent.is_dir():
            raise KinerjaError(f"{file.parent}: there is no such folder to write to.")
    given = path if isinstance(path, pd.DataFrame) else Path(path)
    ordered = not _numeric(given, score)
    frame = read_ratings(
        given, ratee=ratee, rater=rater, score=score, ordered=ordered, pseudonyms=pseudonyms, project=project
    )
    absent = [c for c in (criterion, unit, tie) if c is not None and c not in frame.columns]
    if absent:
        raise KinerjaError(
            f"No such column: {', '.join(absent)}. The columns are: {', '.join(frame.columns)}."
        )
    said = _Words(lang)
    dropped = frame[ratee] == frame[rater]
    frame = frame[~dropped & frame[[ratee, rater, score]].notna().all(axis=1)].reset_index(drop=True)
    name = given.name if isinstance(given, Path) else "data"
    design = identification(frame, ratee=ratee, rater=rater)
    sections = [_design(design, frame, int(dropped.sum()), said, ratee)]
    pairs = _pairs(frame, score, ratee, rater, criterion, unit, tie, ordered)
    pairs = pairs if tie is None else pairs.rename(columns={tie: said(*TIE)})
    if not bool(design.table().set_index("quantity").loc["ratee_variance", "identified"]):
        lead = said("Setiap pegawai dinilai satu kali: keandalan dan keketatan tidak dapat ditaksir.",
                    "Every ratee was rated once: neither reliability nor severity can be estimated.")  # fmt: skip
    else:
        study = g_study(pairs, score="score", ratee=ratee, facets=[rater])
        model = rater_model(
            pairs,
            score="score",
            ratee=ratee,
            rater=rater,
            fixed="1" if tie is None else "1 + " + said(*TIE),
            disconnected="assume",
        )
        lead = _lead(study, model, design, said)
        sections += [_reliability(study, said), _severity(model, min_size, said)]
        sections += _more(frame, pairs, model, score, ratee, rater, criterion, unit, min_size, ordered, said)
        if scores is not None:
            fair = model.fair_scores.merge(model.ranks().drop(columns=["low", "high"]), on=ratee)
            fair.to_csv(Path(scores), index=False)
    footer = said(
        f"Dibuat oleh kinerja ratings dari {name}. Kelompok di bawah {min_size} tidak ditampilkan.",
        f"Made by kinerja ratings from {name}. Groups below {min_size} are not shown.",
    )
    title = said(
        "Penilaian kinerja: keandalan dan keketatan", "Performance ratings: reliability and severity"
    )
    target.write_text(page(title, lead, sections, footer, lang=lang), encoding="utf-8")
    return target


@dataclass(frozen=True)
class _Words:
    """Chooses the language."""

    lang: Lang

    def __call__(self, indonesian: str, english: str) -> str:
        return indonesian if self.lang == "id" else english

    def notes(self, notes: tuple[Note, ...]) -> list[str]:
        return [note.text(self.lang) for note in notes]


def _numeric(source: Path | pd.DataFrame, score: str) -> bool:
    """Whether scores are numbers; a first look at the column, errors are left to the reader."""
    if isinstance(source, pd.DataFrame):
        column = source.get(score, pd.Series(dtype=float))
    else:
        from sim.inference.data.read import peek

        column = peek(source, score)
    text = column.dropna().astype(str).str.strip().str.replace(",", ".", n=1)
    return bool(pd.to_numeric(text, errors="coerce").notna().mean() > 0.5) if len(text) else True


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
    """One number a rating; over criteria, their mean for every pair of ratee and rater."""
    values = frame[score]
    if ordered:
        order, _ = ordered_levels(values, None)
        values = values.astype(object).map({level: float(k) for k, level in enumerate(order)}).astype(float)
    keep = [c for c in (unit, tie) if c is not None]
    data = frame[[ratee, rater, *keep]].assign(score=values)
    if criterion is None:
        return data.assign(row=np.arange(len(data)))  # repeated ratings of a pair are not duplicates
    grouped = data.groupby([ratee, rater], observed=True, as_index=False)
    return grouped.agg({"score": "mean"} | dict.fromkeys(keep, "first"))


def _design(design: Identification, frame: pd.DataFrame, own: int, said: _Words, ratee: str) -> Section:
    each = frame.groupby(ratee, observed=True).size()
    lines = [
        *design.summary(lang=said.lang).sentences,
        said(
            f"Median penilaian per pegawai {number(each.median(), 0, lang='id')}; "
            f"{percent(design.single_rater, lang='id')} dinilai satu orang saja.",
            f"The median ratee has {number(each.median(), 0, lang='en')} ratings; {percent(design.single_rater, lang='en')} were "
            "rated by one person only.",
        ),
    ]
    if own:
        lines.append(said(f"{own} penilaian diri dikeluarkan.", f"{own} self-ratings were left out."))
    return Section(said("Siapa menilai siapa", "Who rated whom"), lines)


def _lead(study: GStudy, model: RaterModel, design: Identification, said: _Words) -> str:
    one = study.coefficient({study.facets[0]: 1.0}, absolute=True)
    n = study.needed(absolute=True)
    span, value = interval(one[1], one[2], lang=said.lang), number(one[0], 2, lang=said.lang)
    text = said(
        f"Keandalan satu penilaian {value} {span}. ", f"One rating has a reliability of {value} {span}. "
    )
    text += (
        said(
            f"Agar mencapai 0,70 perlu {n} penilai per pegawai. ",
            f"Reaching .70 takes {n} rater(s) a ratee. ",
        )
        if n
        else said("Tidak ada jumlah penilai yang mencapai 0,70. ", "No number of raters would reach .70. ")
    )
    if not design.severity_identified:
        return text + said(
            "Keketatan penilai TIDAK teridentifikasi.", "Severity of raters is NOT identified."
        )
    share = percent(model.share(model.rater), lang=said.lang)
    return text + said(
        f"{share} keragaman berasal dari keketatan penilai.",
        f"{share} of the variance is severity of raters.",
    )


def _reliability(study: GStudy, said: _Words) -> Section:
    curve = study.d_study(counts=[1, 2, 3, 4, 5, 7, 10])
    ranking, standard = said("untuk peringkat", "for ranking"), said("terhadap standar", "against a standard")
    raters, value = said("penilai per pegawai", "raters a ratee"), said("keandalan", "reliability")
    table = curve.rename(columns={
        "n": raters, "relative": ranking, "relative_low": said("bawah", "low"), "relative_high": said("atas", "high"),
        "absolute": standard, "absolute_low": said("bawah ", "low "), "absolute_high": said("atas ", "high "),
    })  # fmt: skip
    figure = _Curve(estimates=curve, labels=(ranking, standard, raters, value))
    caption = said("Keandalan menurut banyaknya penilai.", "Reliability by number of raters.")
    heading = said("Seberapa andal", "How reliable")
    return Section(heading, [study.prose(said.lang)], table, figure, caption, said.notes(study.notes))


def _severity(model: RaterModel, min_size: int, said: _Words) -> Section:
    heading = said("Keketatan penilai", "Severity of raters")
    text = [model.prose(said.lang)]
    notes = said.notes(model.notes)
    if not model.identification.severity_identified:
        return Section(heading, text, notes=notes)
    shown = model.severity[model.severity["n"] >= min_size].drop(columns="identified")
    left = len(model.severity) - len(shown)
    if left:
        text.append(said(f"{left} penilai dengan penilaian terlalu sedikit tidak ditampilkan.",
                         f"{left} raters with too few ratings are not shown."))  # fmt: skip
    if shown.empty:
        return Section(heading, text, notes=notes)
    if len(shown) > 2 * SHOWN:
        shown = pd.concat([shown.head(SHOWN), shown.tail(SHOWN)])
    caption = said("Penilai paling ketat dan paling longgar; garis: selang 95%.",
                   "The most severe and the most lenient raters; lines: 95% intervals.")  # fmt: skip
    axis = said("keketatan (poin nilai)", "severity (points of the score)")
    figure = _Severities(estimates=shown, rater=model.rater, axis=axis)
    return Section(heading, text, shown, figure, caption, notes)


def _more(
    frame: pd.DataFrame,
    pairs: pd.DataFrame,
    model: RaterModel,
    score: str,
    ratee: str,
    rater: str,
    criterion: str | None,
    unit: str | None,
    min_size: int,
    ordered: bool,
    said: _Words,
) -> list[Section]:
    """Fairness, central tendency, halo, units, the ordered scale: what the data allow."""
    sections = []
    if model.identification.severity_identified:
        ranks = model.ranks(draws=500)
        moved = (ranks["rank"] - ranks["raw_rank"]).abs() / len(ranks)
        width = ((ranks["high"] - ranks["low"]) / len(ranks)).median()
        far = percent(float((moved > 0.1).mean()), lang=said.lang)
        wide = percent(float(width), 0, lang=said.lang)
        fair = said(
            f"Setelah disesuaikan dengan keketatan penilai, {far} pegawai bergeser lebih dari sepersepuluh peringkat. "
            f"Selang 95% peringkat seorang pegawai mencakup {wide} dari seluruh daftar (median): jangan membaca beda "
            "kecil.",
            f"Adjusted for severity, {far} of ratees move by more than a tenth of the ranks. The 95% interval of a "
            f"rank spans {wide} of the list (median): do not read small differences.",
        )
        sections.append(Section(said("Nilai yang adil", "Fair scores"), [fair]))
        if (model.severity["n"] >= 3).any():
            spread = central_tendency(model)
            sections.append(Section(said("Nilai yang menumpuk", "Bunched scores"), [spread.prose(said.lang)]))
        if ordered:
            rasch = many_facet_rasch(
                frame,
                score=score,
                ratee=ratee,
                rater=rater,
                facets=[criterion] if criterion else [],
                disconnected="assume",
            )
            heading = said("Pada skala predikat (Rasch)", "On the predikat scale (Rasch)")
            sections.append(
                Section(heading, [rasch.prose(said.lang)], rasch.thresholds, notes=said.notes(rasch.notes))
            )
    if criterion is not None and not ordered and len(frame[criterion].unique()) > 1:
        found = halo(frame, score=score, ratee=ratee, rater=rater, criterion=criterion)
        sections.append(Section("Halo", [found.prose(said.lang)], notes=said.notes(found.notes)))
    if unit is not None:
        sections.append(
            _units(
                pairs.groupby([ratee, unit], observed=True, as_index=False)["score"].mean(),
                unit,
                min_size,
                said,
            )
        )
    return sections


def _units(people: pd.DataFrame, unit: str, min_size: int, said: _Words) -> Section:
    """One row of `people` a ratee, with the mean of his ratings."""
    found = unit_icc(people, unit=unit, score="score")
    table = people.groupby(unit, observed=True)["score"].agg(n="size", mean="mean").reset_index()
    hidden = suppress_small(table, min_size, count="n", by=[unit])
    shown = hidden.dropna().astype({"n": int})
    left = len(table) - len(shown)
    text = [found.prose(said.lang)]
    if left:
        text.append(
            said(
                f"{left} unit tidak ditampilkan (kelompok kecil).",
                f"{left} units are not shown (small groups).",
            )
        )
    shown = shown.rename(columns={"mean": said("rata-rata", "mean")})
    return Section(said("Antarunit", "Between units"), text, shown, notes=said.notes(found.notes))
