"""Indonesian rules as pure functions over ``data/regulation/``.

Every row of the tables names its legal source and says whether the wording itself was seen; :func:`sources` lists
them. Functions that the simulation calls per officer are vectorised. ``python -m sim.regulation`` writes
docs/regulation.md.
"""

from sim.regulation._tables import norm, sources
from sim.regulation.complaints import CLOCKS, clock_days, within_clock
from sim.regulation.discipline import LEVELS, Ladder, ladder, sanction, tpp
from sim.regulation.distribution import ORGANISATIONS, apportion, complies, count_mix, nearest_mix
from sim.regulation.professionalism import (
    EDUCATION,
    competence_points,
    ip_asn,
    ip_asn_band,
    performance_points,
    score_0_100,
)
from sim.regulation.rating import (
    EXPECTATIONS,
    PREDIKAT,
    Predikat,
    credit_multiplier,
    predikat,
    predikat_label,
    score_0_120,
    score_predikat,
)
from sim.regulation.satisfaction import BANDS, ELEMENTS, ikm, ikm_band
from sim.regulation.training import entitled, jp_hours

__all__ = [
    "BANDS",
    "CLOCKS",
    "EDUCATION",
    "ELEMENTS",
    "EXPECTATIONS",
    "LEVELS",
    "ORGANISATIONS",
    "PREDIKAT",
    "Ladder",
    "Predikat",
    "apportion",
    "clock_days",
    "competence_points",
    "complies",
    "count_mix",
    "credit_multiplier",
    "entitled",
    "ikm",
    "ikm_band",
    "ip_asn",
    "ip_asn_band",
    "jp_hours",
    "ladder",
    "nearest_mix",
    "norm",
    "performance_points",
    "predikat",
    "predikat_label",
    "sanction",
    "score_0_100",
    "score_0_120",
    "score_predikat",
    "sources",
    "tpp",
    "within_clock",
]
