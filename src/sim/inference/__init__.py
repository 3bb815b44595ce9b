"""What the data say: statistical models of appraisal data to published-grade numbers.

Nothing here knows the simulation: a university partner uses it on real ratings alone. Names are loaded when first used,
so that importing the package costs nothing.

>>> import pandas as pd
>>> from sim.inference import unit_icc
>>> scores = pd.DataFrame({"unit": ["a", "a", "b", "b", "c", "c"], "score": [4, 4, 3, 2, 1, 2]})
>>> round(float(unit_icc(scores, unit="unit", score="score").table["estimate"].iloc[0]), 2)
0.81
"""

from __future__ import annotations

import importlib
from typing import Any

_NAMES = {
    "data": "read_ratings read_360 read_panel read_events read_complaints",
    "privacy": "personal_columns pseudonymise refuse_personal",
    "suppression": "suppress_small",
    "rater_design": "identification",
    "reliability": "icc unit_icc",
    "consistency": "cronbach_alpha omega",
    "agreement": "fleiss_kappa krippendorff_alpha",
    "generalisability": "g_study",
    "raters": "rater_model",
    "rater_errors": "halo central_tendency",
    "rasch": "many_facet_rasch",
    "social_relations": "round_robin",
    "ordered": "ordered_model",
    "predikat": "predikat_compliance",
    "report": "ratings_report",
    "randomised_trial": "randomised",
    "did": "difference_in_differences",
    "staggered_adoption": "staggered",
    "two_way_effects": "two_way",
    "its": "interrupted_time_series",
    "panel": "panel_models",
    "weighting": "treatment_effect",
    "nearest_neighbours": "matching",
    "regression_to_mean": "selected_low",
    "survival": "durations time_to_close",
    "hazard": "closing_hazard",
    "power": "trial_power cluster_power stepped_wedge_power",
    "power_curve": "detectable_effect staff_needed",
    "trial_design": "ClusterTrial SteppedWedge FavouritismStudy",
    "trial_world": "MixedWorld RatingWorld fit_mixed_world",
    "event_logs": "event_log on_time",
    "inputs": "fit_arrivals fit_absence absence_bound",
    "service_times": "fit_service_time fit_rework",
    "rating_inputs": "fit_rater_shares",
    "predictive_check": "posterior_predictive",
}
_WHERE = {name: module for module, names in _NAMES.items() for name in names.split()}

__all__ = sorted(_WHERE)


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return __all__
