"""A robust study of a model simple enough to know the answer: no queue is run, a formula stands in for it."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd

from sim.runs.futures import uncertainties
from sim.study.load import load_study
from sim.study.robust.design import RobustStudy

POLICIES = ("status_quo", "citizen_feedback", "digital_with_ict")
LUCK = 0.3
"""SD of one run of one policy."""


def simulate(agency, policy, *, seed, replication, months, scenario):
    """Feedback helps by its effect; digital services by the share that goes online, more where desks are busy."""
    luck = np.random.default_rng([seed, replication, POLICIES.index(policy.name)])
    levers = {lever.name: lever for lever in policy.levers}
    busy = scenario.utilisation or 0.85
    waiting = 20 * busy * scenario.demand
    if policy.name == "citizen_feedback":
        waiting -= 1 + 1.5 * scenario.draws["feedback"]
    if policy.name == "digital_with_ict":
        waiting -= 20 * levers["digital_services"].share * (busy - 0.7)
    ikm = 85 - 0.3 * waiting
    row = {
        "window": f"1-{months}",
        "unit": "*",
        "waiting_minutes": waiting + luck.normal(0, LUCK),
        "ikm_service": ikm,
        "complaints_in_time": np.clip(1.3 - 0.02 * waiting, 0, 1),
        "error_rate": 0.05,
        "cost": 1e8 * POLICIES.index(policy.name),
    }
    empty = pd.DataFrame()
    return SimpleNamespace(outcomes=empty, costs=empty, summary=pd.DataFrame([row]))


def spec(**changes) -> RobustStudy:
    """Three policies on the small agency."""
    known = {
        "policies": load_study("robust_three_governments").policies,
        "others": (),
        "agency": load_study("robust_contoh").agency,
        "futures": 60,
        "repeated": 20,
        "years": 1,
        "seed": 1,
        "targets": {"waiting_minutes": 17.0, "ikm_service": 80.0},
        "headline": ("waiting_minutes", "ikm_service", "complaints_in_time", "error_rate", "cost"),
        "uncertainties": uncertainties("utilisation", "demand", "digital_uptake", "retirement"),
    }
    return RobustStudy(**{**known, **changes})
