"""How policies are weighed up: the same luck for each, enough replications, paired differences, kept results."""

from sim.study.compare import compare, run_study, study_of
from sim.study.comparison import Comparison
from sim.study.contributions import Contributions, contributions
from sim.study.files import read_policy, study_names
from sim.study.identity import Unhashable, content_id
from sim.study.kinds import check_yaml, load_any, result_folder
from sim.study.spec import Study
from sim.study.store import DamagedResult, load_comparison

__all__ = [
    "Comparison",
    "Contributions",
    "DamagedResult",
    "Study",
    "Unhashable",
    "check_yaml",
    "compare",
    "content_id",
    "contributions",
    "load_any",
    "load_comparison",
    "read_policy",
    "result_folder",
    "run_study",
    "study_names",
    "study_of",
]
