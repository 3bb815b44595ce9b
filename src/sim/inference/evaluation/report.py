"""A report for people who do not write Python: did it work? From a panel file to one HTML page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from sim.errors import KinerjaError
from sim.inference.data.panel_data import NEVER, Panel, read_panel, require
from sim.inference.data.read import read_panel as read_panel_file
from sim.inference.evaluation.difference_in_differences import (
    DifferenceInDifferences,
    difference_in_differences,
)
from sim.inference.evaluation.interrupted_time_series import interrupted_time_series
from sim.inference.evaluation.randomised_trial import randomised
from sim.inference.evaluation.staggered_did import Staggered, staggered
from sim.inference.page import Section, page
from sim.inference.result import Lang, Result, check_lang, number, percent
from sim.inference.wording import decimals, effect_text, period_text


def evaluation_report(
    path: str | Path,
    outcome: str,
    unit: str,
    time: str,
    treated: str,
    out: str | Path,
    lang: Lang = "id",
    *,
    cluster: str | None = None,
    incomplete: str = "refuse",
    pseudonyms: Sequence[str] = (),
    project: str | None = None,
) -> Path:
    """Read a panel, choose the analysis its design allows, and write what it says.

    The design decides: one period is compared as a trial; one starting date with untreated units is a
    difference in differences; several starting dates are staggered adoption; one starting date for everyone
    is an interrupted series of the mean. What a naive reading would have said stands beside it.

    Parameters
    ----------
    path : path
        CSV, Excel or parquet, a row a unit and period. Personal data are refused (see `sim.inference.data.read`).
    outcome, unit, time, treated : str
        Columns; `treated` is 1 from the first treated period on.
    out : path
        HTML file to write; its folder must exist.
    lang : {"id", "en"}
    cluster : str, optional
        Level at which treatment was given, if above the unit.
    incomplete : {"refuse", "drop"}
        What to do with units that lack a period.
    pseudonyms, project
        Columns of identities to replace on the way in, and whose key makes the pseudonyms; see `read_ratings`.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    KinerjaError
        What the readers and analyses refuse; an output folder that does not exist.
    """
    check_lang(lang)
    target = Path(out)
    if not target.parent.is_dir():
        raise KinerjaError(f"{target.parent}: there is no such folder to write the report to.")
    frame = read_panel_file(
        path, person=unit, period=time, numbers=[outcome, treated], pseudonyms=pseudonyms, project=project
    )
    require(frame, [outcome, unit, time, treated], Path(path).name)
    frame = _sorted_periods(frame, time)
    if (frame[time] == frame[time].iloc[0]).all():
        result: Result = randomised(frame, outcome, treated, cluster=cluster)
        naive = ""
        kind = ("perbandingan satu periode", "one-period comparison")
        span = period_text(frame[time].iloc[0])
    else:
        panel = read_panel(frame, outcome, unit, time, treated, cluster=cluster, incomplete=incomplete)
        result, kind = _analyse(frame, panel, outcome, unit, time, treated, cluster, incomplete)
        naive = _naive(panel, result, lang)
        span = f"{period_text(panel.periods[0])} – {period_text(panel.periods[-1])}"
    best = _best(result)
    level = 0.95
    words = _words(lang)
    counts = (len(frame), frame[unit].nunique(), frame[time].nunique(), span, kind[lang == "en"])
    sections = [
        Section(words["data"], [words["counts"].format(*counts)]),
        Section(
            words["result"],
            [result.prose(lang)],
            table=_tidy(result),
            figure=result,
            caption=words["caption"] + words.get(f"{_method(result)} figure", ""),
        ),
    ]
    if result.notes or naive:
        sections.append(
            Section(words["caution"], [naive] if naive else [], notes=[n.text(lang) for n in result.notes])
        )
    sections.append(Section(words["how"], [words[_method(result)], words["reading"]]))
    lead = _verdict(best, outcome, lang, level)
    title = words["title"].format(outcome)
    footer = words["footer"].format(Path(path).name)
    target.write_text(page(title, lead, sections, lang, footer), encoding="utf-8")
    return target


def _sorted_periods(frame: pd.DataFrame, time: str) -> pd.DataFrame:
    """Whole numbers as numbers; dates and text keep their order."""
    values = pd.to_numeric(frame[time], errors="coerce")
    return frame.assign(**{time: values}) if values.notna().all() else frame


def _analyse(
    frame: pd.DataFrame,
    panel: Panel,
    outcome: str,
    unit: str,
    time: str,
    treated: str,
    cluster: str | None,
    incomplete: str,
) -> tuple[Result, tuple[str, str]]:
    starts = np.unique(panel.first[panel.first > 0])
    never = (panel.first == NEVER).any()
    if len(starts) > 1:
        found: Result = staggered(frame, outcome, unit, time, treated, cluster=cluster, incomplete=incomplete)
        return found, ("adopsi bertahap", "staggered adoption")
    if never:
        found = difference_in_differences(
            frame, outcome, unit, time, treated, cluster=cluster, incomplete=incomplete
        )
        return found, ("beda dalam beda", "difference in differences")
    series = pd.DataFrame({time: panel.periods, outcome: panel.outcome.mean(axis=0)})
    start = panel.periods[int(starts[0])] if len(starts) else None
    if start is None:
        raise KinerjaError("data: every unit is treated from the first period on. There is no before.")
    return interrupted_time_series(series, outcome, time, start), (
        "deret waktu terputus",
        "interrupted series",
    )


def _best(result: Result) -> pd.Series:
    if isinstance(result, Staggered):
        return result.best
    if "average" in set(result.table["term"]):
        return result.table[result.table["term"] == "average"].iloc[0]
    return result.table.iloc[-1]


def _tidy(result: Result) -> pd.DataFrame:
    key = "aggregate" if isinstance(result, Staggered) else "term"
    return result.table[[key, "estimate", "se", "low", "high", "p"]]


def _method(result: Result) -> str:
    if isinstance(result, Staggered):
        return "staggered"
    if isinstance(result, DifferenceInDifferences):
        return "did"
    return "its" if hasattr(result, "series") else "randomised"


def _naive(panel: Panel, result: Result, lang: Lang) -> str:
    """What a before-after comparison of the treated, and a two-way regression, would have said."""
    own = panel.first > 0
    gains = [y[g:].mean() - y[:g].mean() for y, g in zip(panel.outcome[own], panel.first[own], strict=True)]
    places = decimals(float(_best(result)["se"]))
    gain = number(float(np.mean(gains)), lang, places)
    text = {
        "id": f"Perbandingan sebelum-sesudah pada unit perlakuan saja memberi {gain}; itu mencampur efek dengan apa "
        "pun yang berubah pada waktu yang sama.",
        "en": f"A before-after comparison of the treated units alone gives {gain}; that mixes the effect with "
        "whatever else changed meanwhile.",
    }[lang]
    if isinstance(result, Staggered):
        naive = result.naive
        share = percent(naive.forbidden, lang)
        text += (
            f" {naive.prose(lang)} "
            + {
                "id": f"Itu menyesatkan bila efek berubah menurut waktu: {share} bobotnya membandingkan unit yang "
                "mulai belakangan dengan unit yang sudah diperlakukan.",
                "en": f"That misleads if effects change over time: {share} of its weight compares late starters with "
                "units already treated.",
            }[lang]
        )
    return text


def _verdict(best: pd.Series, outcome: str, lang: Lang, level: float) -> str:
    effect = effect_text(best, lang, level)
    sure = best.low > 0 or best.high < 0
    if lang == "id":
        move = "menaikkan" if best.estimate > 0 else "menurunkan"
        tail = (
            f"Data ini menunjukkan perlakuan {move} {outcome}, bila anggapan metode di bawah benar."
            if sure
            else "Data ini belum dapat membedakan efeknya dari nol."
        )
        return f"Efek pada {outcome}: {effect}. {tail}"
    move = "raised" if best.estimate > 0 else "lowered"
    tail = (
        f"The data show that the treatment {move} {outcome}, if the method's assumptions below hold."
        if sure
        else "The data cannot yet tell the effect from zero."
    )
    return f"Effect on {outcome}: {effect}. {tail}"


def _words(lang: Lang) -> dict[str, str]:
    indonesian = {
        "title": "Apakah berhasil? {}",
        "data": "Data",
        "counts": "{} baris, {} unit, {} periode ({}). Rancangan: {}.",
        "result": "Hasil",
        "caption": "Taksiran dengan selang 95%.",
        "did figure": " Menurut periode sejak mulai; 0 adalah periode pertama perlakuan.",
        "staggered figure": " Menurut periode sejak mulai; 0 adalah periode pertama perlakuan. Garis lebar: selang "
        "yang berlaku serempak bagi semua titik.",
        "its figure": " Garis putus-putus: yang diharapkan tanpa perlakuan.",
        "caution": "Yang perlu diwaspadai",
        "how": "Cara menghitung",
        "randomised": "Selisih rata-rata kelompok (HC2 atau CR2, derajat bebas Satterthwaite). Ini efek hanya bila "
        "perlakuan diundi.",
        "did": "Perubahan unit perlakuan dikurangi perubahan unit kontrol, tiap unit diringkas menjadi rata-rata "
        "sebelum dan sesudah. Anggapan: tanpa perlakuan keduanya berubah sama besar (tren sejajar).",
        "staggered": "Efek tiap kelompok waktu mulai dibandingkan dengan unit yang belum diperlakukan (Callaway & "
        "Sant'Anna 2021). Anggapan: tanpa perlakuan semuanya berubah sama besar (tren sejajar).",
        "its": "Rata-rata semua unit sebagai satu deret, perubahan tingkat dan kemiringan dengan galat AR(1). "
        "Anggapan: tanpa perlakuan tren lama berlanjut. Tanpa pembanding, ini bukti terlemah.",
        "reading": "Selang 95% memuat efek yang sebenarnya pada 95 dari 100 data seperti ini, bila anggapannya benar.",
        "footer": "Dibuat dengan Kinerja Lab dari berkas {}.",
    }
    english = {
        "title": "Did it work? {}",
        "data": "Data",
        "counts": "{} rows, {} units, {} periods ({}). Design: {}.",
        "result": "Result",
        "caption": "Estimates with 95% intervals.",
        "did figure": " By periods since the start; 0 is the first treated period.",
        "staggered figure": " By periods since the start; 0 is the first treated period. Wide lines: intervals that "
        "hold for all points at once.",
        "its figure": " Dashed: what was to be expected without treatment.",
        "caution": "Cautions",
        "how": "How it was computed",
        "randomised": "Difference of group means (HC2 or CR2, Satterthwaite degrees of freedom). It is an effect only "
        "if the treatment was drawn by lot.",
        "did": "Change of treated units minus change of control units, each unit collapsed to a mean before and "
        "after. Assumption: without treatment both would have changed alike (parallel trends).",
        "staggered": "Effects of each starting cohort against units not yet treated (Callaway & Sant'Anna 2021). "
        "Assumption: without treatment all would have changed alike (parallel trends).",
        "its": "The mean of all units as one series, change of level and slope with AR(1) errors. Assumption: "
        "without treatment the old trend goes on. Without a comparison this is the weakest evidence.",
        "reading": "The 95% interval holds the true effect in 95 of 100 data sets like this, if the assumptions hold.",
        "footer": "Made with Kinerja Lab from the file {}.",
    }
    return indonesian if lang == "id" else english
