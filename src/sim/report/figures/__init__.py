"""Figures: one function a figure, each returns a matplotlib ``Figure``; none touches pyplot or its settings."""

from sim.report.figures.budget import budget
from sim.report.figures.calibration import calibration
from sim.report.figures.contributions import contributions
from sim.report.figures.differences import forest, ranking, units
from sim.report.figures.paths import paths, people
from sim.report.figures.shares import FAIRNESS, cost_effect, fairness, predikat

__all__ = [
    "FAIRNESS",
    "budget",
    "calibration",
    "contributions",
    "cost_effect",
    "fairness",
    "forest",
    "paths",
    "people",
    "predikat",
    "ranking",
    "units",
]
