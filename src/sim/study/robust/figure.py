"""Figures of many scenarios: differences, regret, what decides, and where the best policy loses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.errors import _
from sim.language import speaking
from sim.language.numbers import rupiah_short
from sim.outcomes import OUTCOMES
from sim.picture import canvas, legend
from sim.report.format import difference, difference_unit
from sim.report.plain import Plain, labels
from sim.report.style import (
    GREY,
    INK,
    PALE,
    WIDTH,
    better_arrow,
    difference_heading,
    figure_of,
    local_ticks,
    reading,
    rows_height,
    scale_of,
    settings,
    wrapped,
)
from sim.study.compare.figure.looks import quoted
from sim.study.robust.text import PRESET, parameter

if TYPE_CHECKING:
    from sim.study.robust.prim import Limit
    from sim.study.robust.result import RobustResult

SHOWN = 10
"""Parameters in a tornado."""
CHANCE = 0.05
"""Level, over all parameters together (Bonferroni), above which the value of knowing a parameter is hatched."""


def futures(
    result: RobustResult,
    *,
    outcome: str | None = None,
    agency: str | None = None,
    lang: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw every policy's difference from the baseline in every scenario.

    Parameters
    ----------
    result : RobustResult
    lang : {"id", "en"}, optional
        The session's language by default.
    ax : Axes, optional
        Axes that make room for the figure.
    outcome, agency : str, optional
        By default the outcome that decides, and the first agency.

    Returns
    -------
    Figure
        One dot per scenario, random variation removed; the box holds nine of ten of them, the black bar is the 95 %
        interval of their mean.
    """
    with speaking(lang), settings():
        name = outcome or result.outcome
        spec = OUTCOMES[name]
        scale, sign = scale_of(name), (-1 if spec.better == "low" else 1)
        table = result.table(outcomes=name, agency=agency)
        table = table[table["policy"] != result.baseline].sort_values(
            "difference", ascending=spec.better == "low"
        )
        gain = result.gains(outcome=name, agency=agency) * sign * scale
        names = labels(result.policies)
        rows = [wrapped(names[policy], 24) for policy in table["policy"]]
        jitter = np.linspace(-0.28, 0.28, len(gain))
        figure, axes = canvas((WIDTH, 1.3 + 1.35 * rows_height(rows)), ax=ax)
        panel = axes[0][0]
        panel.axvline(0, color=INK, lw=0.8)
        for y, row in enumerate(table.itertuples()):
            values = gain[:, result.spec.names.index(str(row.policy))]
            low, high = row.future_low * scale, row.future_high * scale
            panel.barh(y, high - low, left=low, height=0.72, color=PALE, lw=0)
            # in the order of scenarios, which is random
            panel.plot(values, y + jitter, "o", ms=1.8, color=GREY, alpha=0.55, mew=0)
            panel.plot([row.low * scale, row.high * scale], [y, y], color=INK, lw=3, solid_capstyle="butt")
        panel.set_yticks(range(len(rows)), rows)
        panel.set_ylim(len(rows) - 0.4, -0.6)
        panel.set_title(wrapped(difference_heading(name), 70))
        better_arrow(panel, spec.better)
        local_ticks(panel, "x", most=6)
        reading(
            figure,
            _(
                "Each dot is one of {n} scenarios, random variation removed; the grey box holds nine "
                "of ten; black bar = 95% confidence interval of the mean. Zero = {baseline}.",
                baseline=quoted(result),
                n=len(gain),
            ),
        )
        return figure_of(axes[0][0])


def regret_map(
    result: RobustResult,
    *,
    outcomes: Sequence[str] | None = None,
    agency: str | None = None,
    lang: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw the mean regret of each policy: what is lost by not choosing the best policy of each scenario.

    Parameters
    ----------
    result : RobustResult
    outcomes : sequence of str, optional
        By default all that were kept.
    agency : str, optional
        By default the first.
    lang, ax
        See :func:`futures`.

    Returns
    -------
    Figure
        One row per policy, one column per outcome. Numbers are mean regret in the outcome's unit; the darker, the
        more, compared within a column. The least regret of a column is framed.
    """
    with speaking(lang), settings():
        chosen = [name for name in outcomes or result.spec.outcomes if OUTCOMES[name].better != "none"]
        table = result.table(outcomes=chosen, agency=agency)
        cells = table.pivot_table(index="policy", columns="outcome", values="regret", observed=True)[chosen]
        order = cells[chosen[0]].sort_values().index
        cells = cells.loc[order]
        rows = [wrapped(labels(result.policies)[str(policy)], 24) for policy in cells.index]
        worst = cells.max()
        shade = (cells / worst.where(worst > 0, 1.0)).to_numpy()
        figure, axes = canvas((WIDTH, 1.15 + rows_height(rows)), ax=ax)
        panel = axes[0][0]
        panel.imshow(shade, cmap="Greys", vmin=0, vmax=1.6, aspect="auto")
        for (i, j), value in np.ndenumerate(cells.to_numpy()):
            name = chosen[j]
            text = rupiah_short(value) if name == "cost" else _regret(name, value)
            colour = "white" if shade[i, j] > 0.85 else INK
            panel.text(j, i, text, ha="center", va="center", fontsize=8, color=colour)
            if value <= cells.iloc[:, j].min():
                panel.add_patch(_frame(i, j))
        panel.set_yticks(range(len(rows)), rows)
        heads = [wrapped(difference_heading(name), 11) for name in chosen]
        panel.set_xticks(range(len(chosen)), heads, fontsize=7.5)
        panel.xaxis.tick_top()
        panel.tick_params(length=0)
        for side in ("left", "bottom"):
            panel.spines[side].set_visible(False)
        reading(
            figure,
            _(
                "Mean loss over {n} scenarios from not choosing the best option of each. Darker = "
                "more regret (within a column); framed = least.",
                n=len(result.futures),
            ),
        )
        return figure_of(axes[0][0])


def tornado(
    result: RobustResult,
    *,
    decides: pd.DataFrame | None = None,
    pair: tuple[str, str] | None = None,
    lang: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw how far the parameters that decide most move the lead of the best policy over the second.

    Parameters
    ----------
    result : RobustResult
    lang : {"id", "en"}, optional
        The session's language by default.
    ax : Axes, optional
        Axes that make room for the figure.
    decides : DataFrame, optional
        Parameters that decide, as :meth:`sim.study.robust.result.RobustResult.what_decides` gives them (the default).
    pair : (str, str), optional
        Best policy and second; by default those of `result`.

    Returns
    -------
    Figure
        Left: mean lead where a parameter is low (hollow) and high (filled). Right: the value of knowing it before
        choosing, hatched where chance may give as much.
    """
    with speaking(lang), settings():
        decides = result.what_decides() if decides is None else decides
        said = Plain().names(result.policies)
        best, second = (said[name] for name in pair or result.pair())
        scale = scale_of(result.outcome)
        rows = decides.iloc[:SHOWN]
        names = [wrapped(parameter(name, result.spec.space.uncertainties), 36) for name in rows["parameter"]]
        y = np.arange(len(rows))
        size = (WIDTH, 1.35 + rows_height(names))
        figure, axes = canvas(size, 1, 2, sharey=True, width_ratios=(3, 2), ax=ax)
        left, right = axes[0]
        left.axvline(0, color=INK, lw=0.8)
        for at, row in zip(y, rows.itertuples(), strict=True):
            left.plot(
                [row.low * scale, row.high * scale], [at, at], color=GREY, lw=3.5, solid_capstyle="butt"
            )
            if row.parameter == PRESET:
                continue  # a category is neither low nor high
            left.plot(row.low * scale, at, "o", ms=5.5, mfc="white", mec=INK)
            left.plot(row.high * scale, at, "o", ms=5.5, mfc=INK, mec=INK)
        clear = rows["p"].to_numpy() < CHANCE / len(decides)
        value = rows["value"].to_numpy() * scale
        right.barh(y[clear], value[clear], color=GREY, height=0.55)
        right.barh(y[~clear], value[~clear], color="white", edgecolor=GREY, hatch="////", height=0.55)
        left.set_yticks(y, names)
        left.set_ylim(len(rows) - 0.4, -0.6)
        unit = difference_unit(result.outcome)
        left.set_title(wrapped(f"{_('Lead of the best option')}{f' ({unit})' if unit else ''}", 28))
        right.set_title(wrapped(_("Value of information"), 16))
        for panel in (left, right):
            local_ticks(panel, "x")
            panel.margins(x=0.08)
        reading(
            figure,
            _(
                "Left: lead of {best} over {second} where the parameter is low (hollow) or high "
                "(filled); left of zero {second} leads. Right: hatched = chance may give as much.",
                best=best,
                second=second,
            ),
        )
        return figure_of(axes[0][0])


def box(
    result: RobustResult,
    policy: str,
    *,
    outcome: str | None = None,
    agency: str | None = None,
    lang: str | None = None,
    ax: Axes | None = None,
) -> Figure | None:
    """Draw where a policy is not the best: scenarios over two parameters, and the box that PRIM finds.

    Parameters
    ----------
    result : RobustResult
    policy : str
        Its name.
    outcome, agency : str, optional
        By default the outcome that decides, and the first agency.
    lang, ax
        See :func:`futures`.

    Returns
    -------
    Figure or None
        None where no box does better than chance.
    """
    with speaking(lang), settings():
        region = result.where(policy, event="loses", outcome=outcome, agency=agency)
        numeric = [limit for limit in region.limits if not limit.categories]
        if not numeric:
            return None
        x = result.parameters
        gain = result.gains(outcome=outcome, agency=agency)
        loses = gain[:, result.spec.names.index(policy)] < gain.max(axis=1)
        names = [limit.name for limit in numeric[:2]]
        if len(names) == 1:
            ordered = result.what_decides(outcome=outcome, agency=agency)["parameter"]
            names.append(next(name for name in ordered if name not in (names[0], PRESET)))
        limits = {limit.name: limit for limit in numeric}
        figure, axes = canvas((WIDTH, 3.6), ax=ax)
        panel = axes[0][0]
        across, up = (x[name].to_numpy(float) for name in names)
        handles = [
            *panel.plot(across[~loses], up[~loses], "o", ms=4, mfc="white", mec=GREY),
            *panel.plot(across[loses], up[loses], "x", ms=4.5, color=INK),
        ]
        ends = [_ends(limits.get(name), values) for name, values in zip(names, (across, up), strict=True)]
        (left, right), (low, high) = ends
        across_box, up_box = [left, right, right, left], [low, low, high, high]
        panel.fill(across_box, up_box, fc=PALE, ec=INK, lw=1.4, alpha=0.45, zorder=0)
        for axis, name in (("x", names[0]), ("y", names[1])):
            text = wrapped(parameter(name, result.spec.space.uncertainties), 60 if axis == "x" else 34)
            (panel.set_xlabel if axis == "x" else panel.set_ylabel)(text)
            local_ticks(panel, axis, most=6)
        titles = [str(_("the best")), str(_("not the best"))]
        legend(figure, handles, titles, loc="outside upper center", ncols=2, fontsize=8)
        reading(
            figure,
            _(
                "Inside the box the option loses in {inside:.0%} of scenarios; overall in {overall:.0%}.",
                inside=region.density,
                overall=region.base,
            ),
        )
        return figure_of(axes[0][0])


def _ends(limit: Limit | None, values: np.ndarray) -> tuple[float, float]:
    """Return the ends of a box along one parameter, within the frame of the figure."""
    pad = 0.02 * (values.max() - values.min())
    low, high = values.min() - pad, values.max() + pad
    return (low, high) if limit is None else (max(low, limit.low), min(high, limit.high))


def _frame(i: int, j: int) -> Rectangle:
    return Rectangle((j - 0.48, i - 0.46), 0.96, 0.92, fill=False, ec=INK, lw=1.6)


def _regret(outcome: str, value: float) -> str:
    return difference(outcome, value, with_unit=False, signed=False, half=max(value, 1e-9) / 3)
