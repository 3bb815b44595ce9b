"""The tornado: how far each parameter moves the difference between two policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.study.robust import figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.study.sensitivity.result import SensitivityResult


def tornado(result: SensitivityResult, *, lang: str | None = None, ax: Axes | None = None) -> Figure:
    """Draw the parameters that move the lead of the best policy; see :func:`sim.study.robust.figure.tornado`."""
    table = result.table()
    return figure.tornado(result.robust, decides=table[table["moves"]], pair=result.pair, lang=lang, ax=ax)
