"""Which policy is best: how far the others are behind, and how long each stayed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from sim.language.labels import label, short
from sim.outcomes import OUTCOMES
from sim.report.format import difference_unit
from sim.report.style import GREY, INK, PALE, canvas, local_ticks, rows_height, settings, wrapped

if TYPE_CHECKING:
    from sim.study.selection.result import SelectionResult


def selection(result: SelectionResult, lang: str = "id") -> Figure:
    """Every policy against the best: differences with intervals, and replications until it was screened out.

    Parameters
    ----------
    result : SelectionResult
    lang : {"id", "en"}

    Returns
    -------
    Figure
        The best on top, in grey the differences too small to matter. A filled bar was screened out, a hatched one
        stayed in.
    """
    table = result.table()
    names = {policy.name: wrapped(policy.label(lang), 26) for policy in result.policies}
    rows = [names[name] for name in table["policy"]]
    spec = OUTCOMES[result.outcome]
    scale = 100 if spec.share else 1
    width = result.manifest["study"]["indifference"] * scale
    y = np.arange(len(table))
    with settings():
        figure, axes = canvas(1.25 + rows_height(rows), 1, 2, sharey=True, width_ratios=(3, 2))
        left, right = axes[0]
        left.axvspan(-width, width, color=PALE, alpha=0.6, lw=0)
        left.axvline(0, color=INK, lw=0.8)
        for at, row in zip(y, table.itertuples(), strict=True):
            if row.policy == result.best:
                left.plot(0, at, marker="*", ms=11, color=INK)
                continue
            apart = bool(row.low > 0 or row.high < 0)
            left.plot([row.low * scale, row.high * scale], [at, at], color=INK, lw=1.6)
            left.plot(row.difference * scale, at, "o", ms=5, mec=INK, mfc=INK if apart else "white")
        out = table["screened_at"].to_numpy() > 0
        right.barh(y[out], table["n"][out], color=GREY, height=0.5)
        right.barh(y[~out], table["n"][~out], color="white", edgecolor=INK, hatch="////", height=0.5)
        left.set_yticks(y, rows)
        left.set_ylim(len(rows) - 0.4, -0.6)
        word = difference_unit(result.outcome, lang=lang)
        unit = f" ({word})" if word else ""
        left.set_title(wrapped(f"{short(result.outcome, lang)}{unit}", 44))
        right.set_title(label("figure.selection.replications", lang))
        local_ticks(left, "x", lang)
        local_ticks(right, "x", lang)
        left.margins(x=0.08)
        figure.supxlabel(label("figure.selection.reading", lang), fontsize=8, color=GREY)
    return figure
