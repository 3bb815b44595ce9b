"""The budget of each policy: what its levers cost, year by year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sim.errors import _
from sim.language import speaking
from sim.language.numbers import rupiah_short
from sim.picture import canvas, legend
from sim.report.evidence import lever_title
from sim.report.style import GREY, INK, PALE, WIDTH, figure_of, money_ticks, settings, wrapped
from sim.study.compare.cost_effectiveness_text import spending

if TYPE_CHECKING:
    from sim.study.compare.result import CompareResult

MOST = 5
"""Levers drawn one by one: those that cost most; the rest are one part."""

_SHADES = ("#0072B2", "#E69F00", "#56B4E9", "#D55E00", "#009E73")
_HATCHES = ("", "////", "....", "xxxx", "\\\\\\\\")


def budget(result: CompareResult, *, lang: str | None = None, ax: Axes | None = None) -> Figure:
    """Draw what each lever of each policy costs in each year.

    Parameters
    ----------
    result : CompareResult
    lang : {"id", "en"}, optional
        The session's language by default.
    ax : Axes, optional
        Axes that make room for the figure.

    Returns
    -------
    Figure
        One block per policy, one bar per year, stacked by lever; the sum stands at the end of the bar.

    Raises
    ------
    KinerjaError
        Where nothing costs anything.
    """
    with speaking(lang), settings():
        table = spending(result)
        policies = [p for p in result.policies if p.name in set(table["policy"])]
        titles = {lever.key: lever_title(lever) for p in policies for lever in p.levers}
        titles |= {key: key for key in table["lever"] if key not in titles}
        order = table.groupby("lever")["rupiah"].sum().sort_values(ascending=False).index.tolist()
        apart, rest = order[:MOST], order[MOST:]
        years = sorted(table["year"].unique())
        size = (WIDTH, 0.9 + len(policies) * (0.16 * len(years) + 0.34))
        figure, axes = canvas(size, len(policies), 1, sharex=True, ax=ax)
        for panel, policy in zip(axes[:, 0], policies, strict=True):
            own = table[table["policy"] == policy.name]
            cells = own.pivot_table(index="year", columns="lever", values="rupiah").reindex(years).fillna(0.0)
            left = np.zeros(len(years))
            parts = [(cells[key].to_numpy() if key in cells else 0 * left, i) for i, key in enumerate(apart)]
            parts.append((cells[[key for key in rest if key in cells]].sum(axis=1).to_numpy(), MOST))
            for width, i in parts:
                shade, hatch = (_SHADES[i], _HATCHES[i]) if i < MOST else (PALE, "")
                panel.barh(
                    range(len(years)), width, left=left, height=0.78, color=shade, hatch=hatch, ec="white"
                )
                left += width
            for y, total in enumerate(left):
                panel.annotate(
                    rupiah_short(float(total)), (total, y), (4, 0), textcoords="offset points",
                    va="center", fontsize=7.5, color=INK,
                )  # fmt: skip
            panel.set_title(wrapped(policy.label(), 80), fontsize=8.5)
            panel.set_yticks(range(len(years)), [str(year) for year in years], fontsize=7.5)
            panel.set_ylim(len(years) - 0.4, -0.6)
            panel.tick_params(axis="y", length=0)
        axes[-1][0].set_xlim(0, 1.2 * table.groupby(["policy", "year"])["rupiah"].sum().max())
        axes[-1][0].set_xlabel(str(_("Rupiah per year")), color=GREY)
        money_ticks(axes[-1][0], "x")
        handles = [Patch(fc=_SHADES[i], hatch=_HATCHES[i], ec="white") for i in range(len(apart))]
        names = [wrapped(titles[key], 34) for key in apart]
        if rest:
            handles.append(Patch(fc=PALE, ec="white"))
            names.append(str(_("others")))
        legend(figure, handles, names, loc="outside lower center", ncols=3, fontsize=7.5, handlelength=1.8)
        return figure_of(axes[0][0])
