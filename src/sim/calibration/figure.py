"""The status quo against what is published about it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from sim.language.labels import label
from sim.report.style import GREY, INK, PALE, canvas, local_ticks, settings, wrapped

PANELS = ("predikat", "absence", "ikm", "other")
"""Targets on one scale stand in one panel."""
TARGETS = {
    "sangat_baik": "predikat",
    "absence": "absence",
    "ikm_self": "ikm",
    "ikm_independent": "ikm",
    "discarded": "other",
    "utilisation": "other",
    "one_rater": "other",
    "four_raters": "other",
}
"""Shares near nought or one (baik and what lies below it, sanctions) are in the table: no dot would tell them apart."""


def calibration(fit: pd.DataFrame, lang: str = "id") -> Figure:
    """Every target as a band, and what the status quo shows as a dot with its interval.

    Parameters
    ----------
    fit : DataFrame
        ``fit`` of :class:`sim.calibration.calibrate.Calibration`.
    lang : {"id", "en"}

    Returns
    -------
    Figure
        A panel a scale; a hollow dot missed its target.
    """
    shown = fit.assign(panel=fit["target"].map(TARGETS)).dropna(subset="panel")
    groups = [(name, shown[shown["panel"] == name]) for name in PANELS]
    groups = [(name, rows) for name, rows in groups if len(rows)]
    heights = [0.62 + 0.19 * len(rows) for _, rows in groups]
    with settings():
        figure, axes = canvas(sum(heights) + 0.4, len(groups), 1, height_ratios=heights)
        for ax, (name, rows) in zip(axes[:, 0], groups, strict=True):
            scale = 1 if name == "ikm" else 100
            for y, row in enumerate(rows.itertuples()):
                low, high = row.aim_low - row.tolerance, row.aim_high + row.tolerance
                ax.plot([low, high], [y, y], color=PALE, lw=7, solid_capstyle="butt")
                if np.isfinite(row.low):
                    ax.plot([row.low, row.high], [y, y], color=INK, lw=1.2)
                ax.plot(row.simulated, y, marker="o", ms=4.5, mec=INK, mfc=INK if row.met else "white")
            names = [_name(row, lang) for row in rows.itertuples()]
            ax.set_yticks(range(len(rows)), names, fontsize=7.5)
            ax.set_ylim(len(rows) - 0.4, -0.6)
            ax.set_title(label(f"figure.calibration.{name}", lang))
            ax.margins(x=0.05)
            local_ticks(ax, "x", lang, scale, most=6)
        figure.supxlabel(wrapped(label("figure.calibration.reading", lang), 110), fontsize=8, color=GREY)
    return figure


def _name(row: object, lang: str) -> str:
    """Agency and unit, or what it is where there is none."""
    agency, unit, target = (str(getattr(row, name)) for name in ("agency", "unit", "target"))
    place = " ".join(part for part in (agency, unit) if part != "*")
    if TARGETS[target] == "other":
        return f"{label(f'target.{target}', lang)} {place}".strip()
    return place or label(f"target.{target}", lang)
