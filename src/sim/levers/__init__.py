"""What can be decided: levers, one file each with its own mechanism, and policies made of them."""

from sim.levers.appraisal import Appraisal
from sim.levers.base import GROUPS, Lever, describe, param
from sim.levers.change import Change
from sim.levers.citizens import CitizenVoice
from sim.levers.complaint_handling import ComplaintHandling
from sim.levers.digital import DigitalServices
from sim.levers.discipline import Discipline
from sim.levers.feedback import Feedback
from sim.levers.kpi import Kpi
from sim.levers.needs import NeedsAssessment
from sim.levers.policy import (
    Policy,
    load_policy,
    policy_from_mapping,
    policy_from_yaml,
    policy_names,
    status_quo,
)
from sim.levers.training import Training

_ALL: tuple[type[Lever], ...] = (
    Appraisal,
    Change,
    CitizenVoice,
    ComplaintHandling,
    DigitalServices,
    Discipline,
    Feedback,
    Kpi,
    NeedsAssessment,
    Training,
)
LEVERS: dict[str, type[Lever]] = {
    cls.name: cls for cls in sorted(_ALL, key=lambda cls: (GROUPS.index(cls.group), cls.name))
}
"""Every lever that ships, by name, in canonical order."""

__all__ = [
    "GROUPS",
    "LEVERS",
    "Appraisal",
    "Change",
    "CitizenVoice",
    "ComplaintHandling",
    "DigitalServices",
    "Discipline",
    "Feedback",
    "Kpi",
    "Lever",
    "NeedsAssessment",
    "Policy",
    "Training",
    "describe",
    "load_policy",
    "param",
    "policy_from_mapping",
    "policy_from_yaml",
    "policy_names",
    "status_quo",
]
