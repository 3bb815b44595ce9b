"""Burn-in: how officers settle under the status quo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.errors import Message, _
from sim.language import speaking
from sim.picture import canvas
from sim.report.style import GREY, INK, PALE, WIDTH, figure_of, local_ticks, reading, settings, wrapped

if TYPE_CHECKING:
    import pandas as pd


NAMES: dict[str, Message] = {
    "level": _("True performance, mean (SD)"),
    "spread": _("True performance, spread (SD)"),
    "motivation": _("Change of motivation (SD)"),
    "tenure": _("Tenure (years)"),
    "age": _("Age (years)"),
    "engagement": _("Engagement of supervisors (0–1)"),
}
"""Names of the measures."""


class HasMonths(Protocol):
    """A result about measures month by month before a study."""

    @property
    def burn_in(self) -> int: ...
    def table(self) -> pd.DataFrame: ...
    def to_frame(self) -> pd.DataFrame: ...


def settling(result: HasMonths, *, lang: str | None = None, ax: Axes | None = None) -> Figure:
    """Draw each measure by month: mean over runs with its interval, moving average, the burn-in, and MSER's months.

    Parameters
    ----------
    result : BurnInResult
    lang : {"id", "en"}, optional
        The session's language by default.
    ax : Axes, optional
        Axes that make room for the figure.
    """
    with speaking(lang), settings():
        table, mser = result.to_frame(), result.table().set_index("measure")["mser"]
        figure, axes = canvas((WIDTH, 4.6), 2, 3, sharex=True, ax=ax)
        for panel, name in zip(axes.flat, mser.index, strict=True):
            rows = table[table["measure"] == name]
            low, high = rows["mean"] - rows["half_width"], rows["mean"] + rows["half_width"]
            panel.fill_between(rows["month"], low, high, color=PALE, lw=0)
            panel.plot(rows["month"], rows["mean"], color=GREY, lw=0.7)
            panel.plot(rows["month"], rows["smoothed"], color=INK, lw=1.5)
            panel.axvline(result.burn_in, color=INK, lw=1, ls="--")
            panel.plot(
                mser[name],
                0.02,
                "^",
                color="#D55E00",
                ms=6,
                transform=panel.get_xaxis_transform(),
                clip_on=False,
            )
            panel.set_title(wrapped(NAMES[name], 22))
            local_ticks(panel, "x")
            local_ticks(panel, "y")
        reading(
            figure,
            _(
                "Months before a study, under the status quo. Black = moving average (Welch); grey = "
                "mean of each month with its 95% confidence interval; dashed = the burn-in of "
                "{months} months; triangle = months to leave out according to MSER-5.",
                months=result.burn_in,
            ),
        )
        return figure_of(axes[0][0])
