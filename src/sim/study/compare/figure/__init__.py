"""Figures: one function a figure, each returns a matplotlib ``Figure``; none touches pyplot or its settings."""

from sim.study.compare.figure.budget import budget
from sim.study.compare.figure.contributions import contributions
from sim.study.compare.figure.differences import forest, ranking, units
from sim.study.compare.figure.paths import paths, people
from sim.study.compare.figure.shares import FAIRNESS, cost_effect, fairness, predikat

__all__ = [
    "FAIRNESS",
    "budget",
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
