"""Burn-in: how people settle under what is done today."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.errors import _
from sim.language import speaking
from sim.language.labels import label
from sim.picture import canvas
from sim.report.style import GREY, INK, PALE, WIDTH, local_ticks, settings, wrapped


def draw_burn_in(
    table: pd.DataFrame,
    needed: pd.DataFrame,
    burn_in: int,
    *,
    lang: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Each measure by month: mean over runs with its interval, moving average, the burn-in, and MSER's months.

    Parameters
    ----------
    table, needed : DataFrame
        See :meth:`sim.calibration.burn_in.BurnInResult.table` and ``needed``.
    burn_in : int
        Months left out.
    lang : {"id", "en"}
    """
    with speaking(lang), settings():
        mser = needed.set_index("measure")["mser"]
        figure, axes = canvas((WIDTH, 4.6), 2, 3, sharex=True, ax=ax)
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
            ax.set_title(wrapped(label(f"burn_in.{name}"), 22))
            local_ticks(ax, "x")
            local_ticks(ax, "y")
        reading = wrapped(
            str(
                _(
                    "Months before a study, under the status quo. Black = moving average (Welch); grey = "
                    "mean of each month with its 95% confidence interval; dashed = the burn-in of "
                    "{months} months; triangle = months to leave out according to MSER-5.",
                    months=burn_in,
                )
            ),
            110,
        )
        figure.supxlabel(reading, fontsize=8, color=GREY)
        return figure
