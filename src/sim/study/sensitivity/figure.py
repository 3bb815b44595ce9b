"""The tornado: how far each parameter moves the difference between two policies."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.language import speaking
from sim.study.robust import figure
from sim.study.sensitivity.result import SensitivityResult


def tornado(result: SensitivityResult, *, lang: str | None = None, ax: Axes | None = None) -> Figure:
    """Draw the parameters that move the lead of the best policy; see :func:`sim.study.robust.figure.tornado`."""
    with speaking(lang):
        moving = result.table()[result.table()["moves"]]
        return figure.tornado(result.robust, moving, result.pair)
