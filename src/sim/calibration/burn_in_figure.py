"""Burn-in: how people settle under what is done today."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from sim.language.labels import label
from sim.report.style import GREY, INK, PALE, canvas, local_ticks, settings, wrapped


def draw_burn_in(table: pd.DataFrame, needed: pd.DataFrame, burn_in: int, lang: str = "id") -> Figure:
    """Each measure by month: mean over runs with its interval, moving average, the burn-in, and MSER's months.

    Parameters
    ----------
    table, needed : DataFrame
        See :meth:`sim.calibration.burn_in.BurnInResult.table` and ``needed``.
    burn_in : int
        Months left out.
    lang : {"id", "en"}
    """
    mser = needed.set_index("measure")["mser"]
    with settings():
        figure, axes = canvas(4.6, 2, 3, sharex=True)
        for ax, name in zip(axes.flat, mser.index, strict=True):
            rows = table[table["measure"] == name]
            low, high = rows["mean"] - rows["half_width"], rows["mean"] + rows["half_width"]
            ax.fill_between(rows["month"], low, high, color=PALE, lw=0)
            ax.plot(rows["month"], rows["mean"], color=GREY, lw=0.7)
            ax.plot(rows["month"], rows["smoothed"], color=INK, lw=1.5)
            ax.axvline(burn_in, color=INK, lw=1, ls="--")
            ax.plot(
                mser[name],
                0.02,
                "^",
                color="#D55E00",
                ms=6,
                transform=ax.get_xaxis_transform(),
                clip_on=False,
            )
            ax.set_title(wrapped(label(f"burn_in.{name}", lang), 22))
            local_ticks(ax, "x", lang)
            local_ticks(ax, "y", lang)
        reading = wrapped(label("figure.burn_in.reading", lang, months=burn_in), 110)
        figure.supxlabel(reading, fontsize=8, color=GREY)
    return figure
