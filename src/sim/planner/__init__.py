"""The planner: sliders for those who plan training and performance policies, and do not write Python.

State and answers know nothing of a browser; :mod:`sim.planner.page` is the page on top of them.
"""

from sim.planner.answers import Answers, Latest
from sim.planner.plans import Plan, Question, load_plans, save_plans
from sim.planner.sliders import SLIDERS, Slider
from sim.planner.uploads import Upload, agency_from, cell

__all__ = [
    "SLIDERS",
    "Answers",
    "Latest",
    "Plan",
    "Question",
    "Slider",
    "Upload",
    "agency_from",
    "cell",
    "load_plans",
    "save_plans",
]
