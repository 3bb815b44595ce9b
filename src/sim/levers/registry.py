"""Every lever that ships, by name."""

from __future__ import annotations

from sim.levers.appraisal.lever import Appraisal
from sim.levers.base import GROUPS, Lever
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
from sim.levers.programmes import ProgrammeOutreach
from sim.levers.reward import Reward
from sim.levers.training import Training

_ALL: tuple[type[Lever], ...] = (
    Appraisal,
    Careers,
    Change,
    CitizenVoice,
    ComplaintHandling,
    Dashboard,
    DigitalServices,
    Discipline,
    Feedback,
    Kpi,
    Leadership,
    NeedsAssessment,
    ProgrammeOutreach,
    Reward,
    Training,
)
LEVERS: dict[str, type[Lever]] = {
    cls.name: cls for cls in sorted(_ALL, key=lambda cls: (GROUPS.index(cls.group), cls.name))
}
"""Every lever that ships, by name, in canonical order."""
