"""The status quo against what is published about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.errors import Message, _
from sim.language import speaking
from sim.picture import canvas
from sim.report.style import INK, PALE, WIDTH, figure_of, local_ticks, reading, settings

if TYPE_CHECKING:
    import pandas as pd


PANELS: dict[str, Message] = {
    "predikat": _("Sangat Baik, % of officers"),
    "absence": _("Absence, %"),
    "ikm": _("IKM (25–100)"),
    "other": _("Others, % or correlation x 100"),
}
"""Panels and their titles; targets on one scale stand in one panel."""

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
"""Target -> panel. Shares near zero or one (baik and what lies below it, sanctions) are in the table only."""

NAMES: dict[str, Message] = {
    "sangat_baik": _("all"),
    "absence": _("absence"),
    "ikm_self": _("IKM, self-run survey"),
    "ikm_independent": _("IKM, independent survey"),
    "discarded": _("complaints discarded"),
    "utilisation": _("utilisation of the counters"),
    "one_rater": _("one rater"),
    "four_raters": _("four raters"),
}
"""Names of the targets, for rows without agency and unit."""


class HasFit(Protocol):
    """A result with the fit of a status quo to its targets."""

    @property
    def fit(self) -> pd.DataFrame: ...


def calibration(result: HasFit, *, lang: str | None = None, ax: Axes | None = None) -> Figure:
    """Draw every target as a band, and the simulated status quo as a dot with its interval.

    Parameters
    ----------
    result : CalibrationResult
    lang : {"id", "en"}, optional
        The session's language by default.
    ax : Axes, optional
        Axes that make room for the figure.

    Returns
    -------
    Figure
        One panel per scale; a hollow dot missed its target.
    """
    with speaking(lang), settings():
        shown = result.fit.assign(panel=result.fit["target"].map(TARGETS)).dropna(subset="panel")
        groups = [(name, shown[shown["panel"] == name]) for name in PANELS]
        groups = [(name, rows) for name, rows in groups if len(rows)]
        heights = [0.62 + 0.19 * len(rows) for __, rows in groups]
        size = (WIDTH, sum(heights) + 0.4)
        figure, axes = canvas(size, len(groups), 1, height_ratios=heights, ax=ax)
        for panel, (name, rows) in zip(axes[:, 0], groups, strict=True):
            scale = 1 if name == "ikm" else 100
            for y, row in enumerate(rows.itertuples()):
                low, high = row.aim_low - row.tolerance, row.aim_high + row.tolerance
                panel.plot([low, high], [y, y], color=PALE, lw=7, solid_capstyle="butt")
                if np.isfinite(row.low):
                    panel.plot([row.low, row.high], [y, y], color=INK, lw=1.2)
                panel.plot(row.simulated, y, marker="o", ms=4.5, mec=INK, mfc=INK if row.met else "white")
            names = [_name(row) for row in rows.itertuples()]
            panel.set_yticks(range(len(rows)), names, fontsize=7.5)
            panel.set_ylim(len(rows) - 0.4, -0.6)
            panel.set_title(str(PANELS[name]))
            panel.margins(x=0.05)
            local_ticks(panel, "x", scale, most=6)
        reading(
            figure,
            _(
                "Band = target with its tolerance; dot = simulated status quo, bar = 95% confidence "
                "interval; hollow dot = missed."
            ),
        )
        return figure_of(axes[0][0])


def _name(row: Any) -> str:
    """Return agency and unit, or the target where there is none."""
    agency, unit, target = (str(getattr(row, name)) for name in ("agency", "unit", "target"))
    place = " ".join(part for part in (agency, unit) if part != "*")
    if TARGETS[target] == "other":
        return f"{NAMES[target]} {place}".strip()
    return place or str(NAMES[target])
