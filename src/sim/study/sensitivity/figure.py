"""The tornado: how far each parameter moves the difference between two policies."""

from __future__ import annotations

from matplotlib.figure import Figure

from sim.study.robust import figure
from sim.study.sensitivity.design import SensitivityResult


def tornado(result: SensitivityResult, lang: str = "id") -> Figure:
    """Draw the parameters that move the lead of the best policy; see :func:`sim.study.robust.figure.tornado`."""
    moving = result.table[result.table["moves"]]
    return figure.tornado(result.robust, lang, moving, result.pair)
