"""How much each cause of satisfaction must move it at least, driven from one extreme to the other.

Written down, with its reasons, before the model that is held to it was run for the first time. What evidence says
about size is waiting alone; for the others the least is what a survey could notice.

- Waiting, satisfied: at the tenth percentile of what meta-analyses leave open (log odds of .25 between 15 and 60
  minutes, L of docs/model.md), no wait against 240 minutes takes satisfied citizens from 80 to 65 %: 15 points.
- Waiting, IKM: one SD between a city's units where an independent body surveys (6.5; Makassar 2025).
- Errors, care, courtesy, IKM: one SD between units where they report about themselves (2.3; Madiun 2023-25), which is
  also about the standard error of one unit's survey (2.1 with 32 answers). Satisfied: 3 points of a hundred, what
  2.3 points of IKM are at the 6 to 7 points of IKM and the 8 of satisfied that a logit was worth in the first edition.
"""

from __future__ import annotations

LEAST = {
    "waiting": {"ikm_service": 6.5, "satisfied": 0.15},
    "errors": {"ikm_service": 2.3, "satisfied": 0.03},
    "care": {"ikm_service": 2.3, "satisfied": 0.03},
    "courtesy": {"ikm_service": 2.3, "satisfied": 0.03},
}
"""Cause, driven from its best to its worst -> outcome -> least fall."""
