"""How policies are weighed up: the same luck for each, enough replications, paired differences, kept results."""

from sim.study.burn_in import burn_in
from sim.study.capacity import CapacityStudy, capacity
from sim.study.capacity_result import Capacity
from sim.study.compare import compare, run_study, study_of
from sim.study.comparison import Comparison
from sim.study.contributions import Contributions, contributions
from sim.study.fairness import FairnessStudy, fairness
from sim.study.fairness_result import Fairness, load_fairness
from sim.study.files import read_policy, study_names
from sim.study.identity import Unhashable, content_id
from sim.study.kinds import check_yaml, load_any, result_folder
from sim.study.optimise import Optimisation, optimise
from sim.study.optimise_result import Optimised
from sim.study.robust import Robust, robust
from sim.study.robust_result import Robustness, load_robustness
from sim.study.selection import Selected, Selection, select
from sim.study.sensitivity_study import Sensitivities, Sensitivity, sensitivity
from sim.study.spec import Study
from sim.study.store import DamagedResult, load_comparison

__all__ = [
    "Capacity",
    "CapacityStudy",
    "Comparison",
    "Contributions",
    "DamagedResult",
    "Fairness",
    "FairnessStudy",
    "Optimisation",
    "Optimised",
    "Robust",
    "Robustness",
    "Selected",
    "Selection",
    "Sensitivities",
    "Sensitivity",
    "Study",
    "Unhashable",
    "burn_in",
    "capacity",
    "check_yaml",
    "compare",
    "content_id",
    "contributions",
    "fairness",
    "load_any",
    "load_comparison",
    "load_fairness",
    "load_robustness",
    "optimise",
    "read_policy",
    "result_folder",
    "robust",
    "run_study",
    "select",
    "sensitivity",
    "study_names",
    "study_of",
]
