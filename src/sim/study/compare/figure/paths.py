"""Month by month: when an effect arrives, and when it fades."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.language.labels import label, short, unit
from sim.language.numbers import month_year
from sim.outcomes import OUTCOMES
from sim.report.estimate import Estimate
from sim.report.format import difference_unit
from sim.report.style import GREY, INK, Look, canvas, line_labels, local_ticks, settings, wrapped
from sim.study.compare import estimates
from sim.study.compare.figure.looks import looks, quoted

if TYPE_CHECKING:
    from sim.study.compare.result import CompareResult


def paths(
    comparison: CompareResult,
    lang: str = "id",
    outcome: str | None = None,
    policies: Sequence[str] | None = None,
) -> Figure:
    """An outcome by month: its course under each policy, and the difference from the status quo.

    Parameters
    ----------
    outcome : str, optional
        By default the first outcome of the comparison.
    policies : sequence of str, optional
        At most four besides the status quo; by default the best four.

    Returns
    -------
    Figure
        Above, means over replications; below, mean paired differences with a 95 % band for single months.
    """
    outcome = outcome or estimates.deciding(comparison)
    chosen = list(policies or estimates.ranked(comparison, outcome))[:4]
    levels, differences = estimates.monthly(comparison, outcome)
    names = {policy.name: policy.label(lang) for policy in comparison.policies}
    look = looks(comparison)
    with settings():
        figure, axes = canvas(4.6, 2, 1, sharex=True)
        _lines(
            axes[0][0],
            {name: levels[name] for name in [comparison.baseline, *chosen]},
            look,
            names,
            band=False,
        )
        _lines(axes[1][0], {name: differences[name] for name in chosen}, look, names, band=True)
        axes[1][0].axhline(0, color=INK, lw=0.8)
        word = unit(outcome, lang)
        axes[0][0].set_title(f"{short(outcome, lang)} ({word})")
        axes[1][0].set_title(
            label(
                "figure.difference",
                lang,
                unit=difference_unit(outcome, lang=lang) or word,
                baseline=quoted(comparison, lang),
            )
        )
        for ax in axes.flat:
            local_ticks(ax, "y", lang, 100 if OUTCOMES[outcome].share else 1, most=5)
        _months(axes[1][0], levels[comparison.baseline], comparison.scenario.start, lang)
    return figure


def people(comparison: CompareResult, lang: str = "id", policies: Sequence[str] | None = None) -> Figure:
    """Skill, motivation and true performance of the officers by month.

    Returns
    -------
    Figure
        Means over replications, in standard deviations of performance; 0 is the average officer at the start.
    """
    outcomes = ("skill", "motivation", "performance")
    chosen = list(policies or estimates.ranked(comparison, "performance"))[:4]
    names = {policy.name: policy.label(lang) for policy in comparison.policies}
    look = looks(comparison)
    with settings():
        figure, axes = canvas(5.2, 3, 1, sharex=True)
        for ax, outcome in zip(axes.flat, outcomes, strict=True):
            levels, _ = estimates.monthly(comparison, outcome)
            rows = {name: levels[name] for name in [comparison.baseline, *chosen]}
            ax.axhline(0, color=GREY, lw=0.6)
            _lines(ax, rows, look, names, band=True, named=False)
            ax.set_title(f"{short(outcome, lang)} ({unit(outcome, lang)})")
            local_ticks(ax, "y", lang, most=4)
        _months(axes[-1][0], levels[comparison.baseline], comparison.scenario.start, lang)
        handles, texts = axes[0][0].get_legend_handles_labels()
        figure.legend(
            handles, texts, loc="outside lower center", ncols=3, frameon=False, fontsize=8, handlelength=3.5
        )
    return figure


def _lines(
    ax: Axes,
    rows: Mapping[str, Mapping[int, Estimate]],
    look: Mapping[str, Look],
    names: Mapping[str, str],
    band: bool,
    named: bool = True,
) -> None:
    """One line a policy, named at its right end."""
    ends = []
    for name, months in rows.items():
        if not months:
            continue
        style = look[name]
        x = np.array(list(months))
        y = np.array([e.mean for e in months.values()])
        every = max(1, len(x) // 6)
        marker: Any = {} if style.marker == "|" else {"marker": style.marker, "markevery": every, "ms": 4.5}
        ax.plot(x, y, color=style.colour, ls=style.line, lw=1.5, label=wrapped(names[name], 26), **marker)
        if band:
            low = [e.low for e in months.values()]
            high = [e.high for e in months.values()]
            ax.fill_between(x, low, high, color=style.colour, alpha=0.15, lw=0)
        ends.append((names[name], float(y[-1]), style.colour))
    ax.margins(x=0.01)
    if named:
        line_labels(ax, max((max(months) for months in rows.values() if months), default=1), ends)


def _months(ax: Axes, months: Mapping[int, Estimate], start: date, lang: str) -> None:
    """Half-yearly dates under the axis."""
    count = max(months, default=1)
    step = 6 if count > 14 else 3 if count > 6 else 1
    ticks = range(1, count + 1, step)

    def day(month: int) -> date:
        index = start.month - 1 + month - 1
        return date(start.year + index // 12, index % 12 + 1, 1)

    ax.set_xticks(list(ticks), [wrapped(month_year(day(month), lang=lang), 4) for month in ticks])
