"""Figures of many futures: how policies fare, what is regretted, what decides, and where the best one loses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from sim.language.labels import label, short
from sim.language.numbers import percent, rupiah_short
from sim.outcomes import OUTCOMES
from sim.report.format import difference as written
from sim.report.format import difference_unit
from sim.report.style import (
    GREY,
    INK,
    PALE,
    better_arrow,
    canvas,
    local_ticks,
    rows_height,
    settings,
    wrapped,
)
from sim.study.robust.result import RobustResult
from sim.study.robust.text import PRESET, parameter

if TYPE_CHECKING:
    pass

SHOWN = 10
"""Parameters in a tornado."""
CHANCE = 0.05
"""Over all parameters together (Bonferroni): a value that chance alone finds as often is hatched."""


def futures(
    result: RobustResult, lang: str = "id", outcome: str | None = None, agency: str | None = None
) -> Figure:
    """Every policy's difference to the baseline in every future.

    Parameters
    ----------
    result : RobustResult
    lang : {"id", "en"}
    outcome, agency : str, optional
        By default the outcome that decides, and the first agency.

    Returns
    -------
    Figure
        A dot a future, luck taken out; the box holds nine of ten of them, the black bar is the 95 % interval of their
        mean.
    """
    name = outcome or result.outcome
    spec = OUTCOMES[name]
    scale, sign = (100 if spec.share else 1), (-1 if spec.better == "low" else 1)
    table = result.table(name, agency)
    table = table[table["policy"] != result.baseline].sort_values(
        "difference", ascending=spec.better == "low"
    )
    gain = result.gains(name, agency) * sign * scale
    titles = {p.name: wrapped(p.label(lang), 24) for p in result.policies}
    rows = [titles[policy] for policy in table["policy"]]
    jitter = np.linspace(-0.28, 0.28, len(gain))
    with settings():
        figure, axes = canvas(1.3 + 1.35 * rows_height(rows))
        ax = axes[0][0]
        ax.axvline(0, color=INK, lw=0.8)
        for y, row in enumerate(table.itertuples()):
            values = gain[:, result.spec.names.index(str(row.policy))]
            low, high = row.future_low * scale, row.future_high * scale
            ax.barh(y, high - low, left=low, height=0.72, color=PALE, lw=0)
            # in the order of futures, which is by chance
            ax.plot(values, y + jitter, "o", ms=1.8, color=GREY, alpha=0.55, mew=0)
            ax.plot([row.low * scale, row.high * scale], [y, y], color=INK, lw=3, solid_capstyle="butt")
        ax.set_yticks(range(len(rows)), rows)
        ax.set_ylim(len(rows) - 0.4, -0.6)
        ax.set_title(_titled(name, lang))
        better_arrow(ax, spec.better, lang)
        local_ticks(ax, "x", lang, most=6)
        base = next(p.label(lang) for p in result.policies if p.name == result.baseline)
        figure.supxlabel(
            wrapped(label("figure.futures.reading", lang, baseline=base, n=len(gain)), 105),
            fontsize=8,
            color=GREY,
        )
    return figure


def regret_map(
    result: RobustResult, lang: str = "id", outcomes: Sequence[str] | None = None, agency: str | None = None
) -> Figure:
    """What is lost, on average over futures, by not having the best policy of each.

    A row a policy, a column an outcome.

    Parameters
    ----------
    outcomes : sequence of str, optional
        By default all that were kept.

    Returns
    -------
    Figure
        Numbers are mean regret in the outcome's unit; the darker, the more, compared within a column. The least regret
        of a column is framed.
    """
    chosen = [name for name in outcomes or result.spec.outcomes if OUTCOMES[name].better != "none"]
    table = result.table(chosen, agency)
    cells = table.pivot_table(index="policy", columns="outcome", values="regret", observed=True)[chosen]
    order = cells[chosen[0]].sort_values().index
    cells = cells.loc[order]
    titles = {p.name: wrapped(p.label(lang), 24) for p in result.policies}
    rows = [titles[str(policy)] for policy in cells.index]
    worst = cells.max()
    shade = (cells / worst.where(worst > 0, 1.0)).to_numpy()
    with settings():
        figure, axes = canvas(1.15 + rows_height(rows))
        ax = axes[0][0]
        ax.imshow(shade, cmap="Greys", vmin=0, vmax=1.6, aspect="auto")
        for (i, j), value in np.ndenumerate(cells.to_numpy()):
            name = chosen[j]
            text = rupiah_short(value, lang=lang) if name == "cost" else _regret(name, value, lang)
            ax.text(
                j, i, text, ha="center", va="center", fontsize=8, color="white" if shade[i, j] > 0.85 else INK
            )
            if value <= cells.iloc[:, j].min():
                ax.add_patch(_frame(i, j))
        ax.set_yticks(range(len(rows)), rows)
        heads = [_titled(name, lang, 11) for name in chosen]
        ax.set_xticks(range(len(chosen)), heads, fontsize=7.5)
        ax.xaxis.tick_top()
        ax.tick_params(length=0)
        for side in ("left", "bottom"):
            ax.spines[side].set_visible(False)
        reading = label("figure.regret.reading", lang, n=len(result.futures))
        figure.supxlabel(wrapped(reading, 105), fontsize=8, color=GREY)
    return figure


def tornado(
    result: RobustResult,
    lang: str = "id",
    found: pd.DataFrame | None = None,
    pair: tuple[str, str] | None = None,
) -> Figure:
    """How far the parameters that decide most move the lead of the best policy over the next.

    Parameters
    ----------
    result : RobustResult
    lang : {"id", "en"}
    found : DataFrame, optional
        Parameters that decide, as :meth:`sim.study.robust.result.RobustResult.what_decides` gives them (the default).
    pair : (str, str), optional
        Best policy and next; by default those of `result`.

    Returns
    -------
    Figure
        Left: mean lead where a parameter is low (hollow) and high (filled). Right: what it is worth to know it before
        choosing; hatched where chance may find as much.
    """
    found = result.what_decides() if found is None else found
    pair = pair or result.pair()
    spec = OUTCOMES[result.outcome]
    scale = 100 if spec.share else 1
    rows = found.iloc[:SHOWN]
    names = [
        wrapped(parameter(name, result.spec.space.uncertainties, lang), 36) for name in rows["parameter"]
    ]
    labels = {p.name: p.label(lang) for p in result.policies}
    y = np.arange(len(rows))
    with settings():
        figure, axes = canvas(1.35 + rows_height(names), 1, 2, sharey=True, width_ratios=(3, 2))
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
        sure = rows["p"].to_numpy() < CHANCE / len(found)
        value = rows["value"].to_numpy() * scale
        right.barh(y[sure], value[sure], color=GREY, height=0.55)
        right.barh(y[~sure], value[~sure], color="white", edgecolor=GREY, hatch="////", height=0.55)
        left.set_yticks(y, names)
        left.set_ylim(len(rows) - 0.4, -0.6)
        unit = difference_unit(result.outcome, lang=lang)
        left.set_title(
            wrapped(
                f"{label('figure.tornado.lead', lang)} ({unit})"
                if unit
                else label("figure.tornado.lead", lang),
                28,
            )
        )
        right.set_title(wrapped(label("figure.tornado.value", lang), 16))
        for ax in (left, right):
            local_ticks(ax, "x", lang)
            ax.margins(x=0.08)
        reading = label("figure.tornado.reading", lang, best=labels[pair[0]], second=labels[pair[1]])
        figure.supxlabel(wrapped(reading, 105), fontsize=8, color=GREY)
    return figure


def box(
    result: RobustResult, policy: str, lang: str = "id", outcome: str | None = None, agency: str | None = None
) -> Figure | None:
    """Where a policy is not the best: futures over the two parameters that tell most, and the box PRIM finds.

    Returns
    -------
    Figure or None
        None where no box tells more than chance.
    """
    found = result.where(policy, "loses", outcome, agency)
    numeric = [limit for limit in found.limits if not limit.categories]
    if not numeric:
        return None
    x = result.parameters
    gain = result.gains(outcome, agency)
    loses = gain[:, result.spec.names.index(policy)] < gain.max(axis=1)
    names = [limit.name for limit in numeric[:2]]
    if len(names) == 1:
        told = result.what_decides(outcome, agency)["parameter"]
        names.append(next(name for name in told if name not in (names[0], PRESET)))
    limits = {limit.name: limit for limit in numeric}
    with settings():
        figure, axes = canvas(3.6)
        ax = axes[0][0]
        across, up = (x[name].to_numpy(float) for name in names)
        ax.plot(
            across[~loses], up[~loses], "o", ms=4, mfc="white", mec=GREY, label=label("figure.box.wins", lang)
        )
        ax.plot(across[loses], up[loses], "x", ms=4.5, color=INK, label=label("figure.box.loses", lang))
        ends = [_ends(limits.get(name), values) for name, values in zip(names, (across, up), strict=True)]
        (left, right), (low, high) = ends
        ax.fill(
            [left, right, right, left], [low, low, high, high], fc=PALE, ec=INK, lw=1.4, alpha=0.45, zorder=0
        )
        for axis, name in (("x", names[0]), ("y", names[1])):
            text = wrapped(parameter(name, result.spec.space.uncertainties, lang), 60 if axis == "x" else 34)
            (ax.set_xlabel if axis == "x" else ax.set_ylabel)(text)
            local_ticks(ax, axis, lang, most=6)
        figure.legend(loc="outside upper center", ncols=2, frameon=False, fontsize=8)
        reading = label(
            "figure.box.reading",
            lang,
            inside=percent(found.density, 0, lang=lang),
            all=percent(found.base, 0, lang=lang),
        )
        figure.supxlabel(wrapped(reading, 105), fontsize=8, color=GREY)
    return figure


def _ends(limit: object, values: np.ndarray) -> tuple[float, float]:
    pad = 0.02 * (values.max() - values.min())
    low, high = values.min() - pad, values.max() + pad
    if limit is None:
        return low, high
    return max(low, limit.low), min(high, limit.high)  # type: ignore[attr-defined]


def _frame(i: int, j: int) -> object:
    from matplotlib.patches import Rectangle

    return Rectangle((j - 0.48, i - 0.46), 0.96, 0.92, fill=False, ec=INK, lw=1.6)


def _regret(outcome: str, value: float, lang: str) -> str:
    return written(outcome, value, with_unit=False, signed=False, half=max(value, 1e-9) / 3, lang=lang)


def _titled(outcome: str, lang: str, width: int = 70) -> str:
    unit = difference_unit(outcome, lang=lang) if outcome != "cost" else ""
    return wrapped(f"{short(outcome, lang)} ({unit})" if unit else short(outcome, lang), width)
