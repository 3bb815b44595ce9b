"""What can be decided: levers, one file each with its mechanism, and policies made of them."""

from sim.levers.appraisal.lever import Appraisal
from sim.levers.base import GROUPS, Lever, describe, param
from sim.levers.careers import Careers
from sim.levers.change import Change
from sim.levers.citizens import CitizenVoice
from sim.levers.complaint_handling import ComplaintHandling
from sim.levers.dashboard import Dashboard
from sim.levers.digital import DigitalServices
from sim.levers.discipline import Discipline
from sim.levers.feedback import Feedback
from sim.levers.kpi import Kpi
from sim.levers.leadership import Leadership
from sim.levers.needs import NeedsAssessment
from sim.levers.policy import (
    Policy,
    load_policy,
    policy_from_mapping,
    policy_from_yaml,
    policy_names,
    status_quo,
)
from sim.levers.programmes import ProgrammeOutreach
from sim.levers.registry import LEVERS
from sim.levers.reward import Reward
from sim.levers.training import Training

__all__ = [
    "GROUPS",
    "LEVERS",
    "Appraisal",
    "Careers",
    "Change",
    "CitizenVoice",
    "ComplaintHandling",
    "Dashboard",
    "DigitalServices",
    "Discipline",
    "Feedback",
    "Kpi",
    "Leadership",
    "Lever",
    "NeedsAssessment",
    "Policy",
    "ProgrammeOutreach",
    "Reward",
    "Training",
    "describe",
    "load_policy",
    "param",
    "policy_from_mapping",
    "policy_from_yaml",
    "policy_names",
    "status_quo",
]
