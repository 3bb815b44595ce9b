"""A report for people who do not write Python: from a panel file to one HTML page that says whether it worked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from sim.errors import KinerjaError, Message, _
from sim.inference.data.panel_data import NEVER, Panel, read_panel, require
from sim.inference.data.read import read_panel as read_panel_file
from sim.inference.evaluation.difference_in_differences import difference_in_differences
from sim.inference.evaluation.interrupted_time_series import interrupted_time_series
from sim.inference.evaluation.randomised_trial import randomised_trial
from sim.inference.evaluation.staggered_did import StaggeredDidResult, staggered_did
from sim.inference.page import Section, page
from sim.inference.result import Result
from sim.inference.wording import decimals, effect_text, period_text
from sim.language import speaking
from sim.language.numbers import scaled
from sim.tables import left_out, sentences

LEVEL = 0.95


@dataclass(frozen=True)
class Design:
    """What the page says about a design: its name, its figure and its method."""

    name: Message
    figure: Message | str
    method: Message


DESIGNS = {
    "trial": Design(
        _("one-period comparison"),
        "",
        _(
            "Difference of group means (HC2 or CR2, Satterthwaite degrees of freedom). It is an effect only if the "
            "treatment was assigned at random."
        ),
    ),
    "did": Design(
        _("difference in differences"),
        _("By periods since the start; 0 is the first treated period."),
        _(
            "Change of treated units minus change of control units, each unit collapsed to a mean before and "
            "after. Assumption: without treatment both would have changed by the same amount (parallel trends)."
        ),
    ),
    "staggered": Design(
        _("staggered adoption"),
        _(
            "By periods since the start; 0 is the first treated period. Wide lines: intervals that hold for all "
            "points at once."
        ),
        _(
            "Effects of each starting cohort against units not yet treated (Callaway & Sant'Anna 2021). Assumption: "
            "without treatment all would have changed by the same amount (parallel trends)."
        ),
    ),
    "its": Design(
        _("interrupted time series"),
        _("Dashed: expected without treatment."),
        _(
            "The mean of all units as one series, change of level and slope with AR(1) errors. Assumption: without "
            "treatment the old trend goes on. Without a comparison this is the weakest evidence."
        ),
    ),
}
CAPTION = _("Estimates with 95% confidence intervals.")
READING = _(
    "The 95% confidence interval holds the true effect in 95 of 100 data sets like this, if the assumptions hold."
)


def evaluation_report(
    path: str | Path,
    outcome: str,
    unit: str,
    time: str,
    treated: str,
    out: str | Path,
    *,
    lang: str | None = None,
    cluster: str | None = None,
    incomplete: str = "refuse",
    order: Sequence[str] = (),
    sheet: str | int = 0,
    pseudonyms: Sequence[str] = (),
    project: str | None = None,
    missing: Sequence[str] = (),
    decimal: str | None = None,
) -> Path:
    """Read a panel, choose the analysis its design allows, and write what it says.

    The design decides: one period is compared as a trial; one starting date with untreated units is a
    difference in differences; several starting dates are staggered adoption; one starting date for everyone
    is an interrupted series of the mean. The result of a naive comparison is given beside it.

    Parameters
    ----------
    path : path
        CSV, Excel or parquet, one row per unit and period. Personal data are refused (see `sim.inference.data.read`).
    outcome, unit, time, treated : str
        Columns; `treated` is 1 from the first treated period on.
    out : path
        HTML file to write; its folder must exist.
    lang : {"id", "en"}, optional
        The session's language by default.
    cluster : str, optional
        Level at which treatment was given, if above the unit.
    incomplete : {"refuse", "drop"}
        What to do with units that lack a period.
    order : sequence of str
        The periods, first to last, where their names do not tell (``["pre", "post"]``).
    sheet, pseudonyms, project, missing, decimal
        As in `read_ratings`.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    KinerjaError
        What the readers and analyses refuse; an output folder that does not exist.
    """
    target = Path(out)
    if not target.parent.is_dir():
        raise KinerjaError(
            _("{parent}: there is no such folder to write the report to.", parent=target.parent)
        )
    frame = read_panel_file(
        path, person=unit, period=time, numbers=[outcome], flags=[treated], order=order,
        sheet=sheet, pseudonyms=pseudonyms, project=project, missing=missing, decimal=decimal,
    )  # fmt: skip
    require(frame, [outcome, unit, time, treated], Path(path).name)
    naive: list[str] = []
    read = sentences(frame)
    with speaking(lang):
        if (frame[time] == frame[time].iloc[0]).all():
            result: Result = randomised_trial(frame, outcome, treated, cluster=cluster)
            design = DESIGNS["trial"]
            span = period_text(frame[time].iloc[0])
        else:
            panel = read_panel(frame, outcome, unit, time, treated, cluster=cluster, incomplete=incomplete)
            result, design = _analyse(frame, panel, outcome, unit, time, treated, cluster, incomplete)
            naive = _naive(panel, result)
            used = frame[frame[unit].isin(panel.units)]
            left_out(used, "incomplete_units", len(frame) - len(used))
            read = sentences(used)
            span = f"{period_text(panel.periods[0])} – {period_text(panel.periods[-1])}"
        counts = _(
            "{rows:,} rows, {units:,} units, {periods:,} periods ({span}). Design: {design}.",
            rows=len(frame),
            units=frame[unit].nunique(),
            periods=frame[time].nunique(),
            span=span,
            design=design.name,
        )
        caption = f"{CAPTION} {design.figure}".strip()
        sections = [
            Section(_("Data"), [counts, *read]),
            Section(_("Result"), result.sentences(), _tidy(result), result, caption),
        ]
        if result.notes or naive:
            sections.append(Section(_("Cautions"), naive, notes=result.notes))
        sections.append(Section(_("How it was computed"), [design.method, READING]))
        lead = _verdict(_best(result), outcome)
        title = _("Effect of the treatment on {outcome}", outcome=outcome)
        footer = _("Made with Kinerja Lab from the file {file}.", file=Path(path).name)
        target.write_text(page(title, lead, sections, footer), encoding="utf-8")
    return target


def _analyse(
    frame: pd.DataFrame,
    panel: Panel,
    outcome: str,
    unit: str,
    time: str,
    treated: str,
    cluster: str | None,
    incomplete: str,
) -> tuple[Result, Design]:
    starts = np.unique(panel.first[panel.first > 0])
    never = (panel.first == NEVER).any()
    if len(starts) > 1:
        result: Result = staggered_did(
            frame, outcome, unit, time, treated, cluster=cluster, incomplete=incomplete
        )
        return result, DESIGNS["staggered"]
    if never:
        result = difference_in_differences(
            frame, outcome, unit, time, treated, cluster=cluster, incomplete=incomplete
        )
        return result, DESIGNS["did"]
    if not len(starts):
        raise KinerjaError(_("data: every unit is treated from the first period on. There is no before."))
    series = pd.DataFrame({time: panel.periods, outcome: panel.outcome.mean(axis=0)})
    result = interrupted_time_series(series, outcome, time, panel.periods[int(starts[0])])
    return result, DESIGNS["its"]


def _best(result: Result) -> pd.Series:
    if isinstance(result, StaggeredDidResult):
        return result.best
    if "average" in set(result.table()["term"]):
        return result.table()[result.table()["term"] == "average"].iloc[0]
    return result.table().iloc[-1]


def _tidy(result: Result) -> pd.DataFrame:
    key = "aggregate" if isinstance(result, StaggeredDidResult) else "term"
    return result.table()[[key, "estimate", "se", "low", "high", "p"]]


def _naive(panel: Panel, result: Result) -> list[str]:
    """Say what a before-after comparison of the treated, and a two-way regression, would have shown."""
    own = panel.first > 0
    gains = [y[g:].mean() - y[:g].mean() for y, g in zip(panel.outcome[own], panel.first[own], strict=True)]
    places = decimals(float(_best(result)["se"]))
    text = _(
        "A before-after comparison of the treated units alone gives {gain}; that mixes the effect with whatever "
        "else changed meanwhile.",
        gain=scaled(gain := float(np.mean(gains)), places, gain),
    )
    if not isinstance(result, StaggeredDidResult):
        return [str(text)]
    share = _(
        "That misleads if effects change over time: {share:.1%} of its weight compares late starters with units "
        "already treated.",
        share=result.naive.forbidden,
    )
    return [" ".join([str(text), *result.naive.sentences(), str(share)])]


def _verdict(best: pd.Series, outcome: str) -> Message:
    if best.low <= 0 <= best.high:
        verdict = _(
            "Effect on {outcome}: {effect}. The data do not show whether the effect differs from zero."
        )
    elif best.estimate > 0:
        verdict = _(
            "Effect on {outcome}: {effect}. The data show that the treatment raised {outcome}, if the "
            "assumptions of the method below hold."
        )
    else:
        verdict = _(
            "Effect on {outcome}: {effect}. The data show that the treatment lowered {outcome}, if the "
            "assumptions of the method below hold."
        )
    return verdict.filled(outcome=outcome, effect=effect_text(best, LEVEL))
