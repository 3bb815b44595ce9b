"""What a planner has set: plans, and the question they make together."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from sim.agency.sheets import is_personal
from sim.errors import KinerjaError, Problem, Problems, _
from sim.levers import LEVERS, Policy, status_quo
from sim.outcomes import OUTCOMES
from sim.planner.sliders import SLIDERS, Slider
from sim.study.compare.design import CompareStudy
from sim.study.files import YamlFile, read_policy
from sim.study.load import load_study
from sim.study.study_yaml import yaml_of

if TYPE_CHECKING:
    from sim.agency import Agency

AGENCY, LANGUAGE = "KINERJA_AGENCY", "KINERJA_LANG"
"""Environment variables in which ``kinerja planner`` says what to begin with."""

MOST = 4
"""Plans side by side: more do not fit on a screen."""

YEARS = (1, 2, 3, 5)
REPLICATIONS = (10, 20, 40)
"""What can be chosen; each is one of the counts at which precision is judged."""

SHOWN = (
    "waiting_minutes",
    "response_days",
    "complaints_in_time",
    "complaint_p90_days",
    "error_rate",
    "ikm_service",
    "performance",
    "programme_output",
    "rating_validity",
    "jp20",
    "desk_days_lost",
)
"""Outcomes on the page; one of them decides and stands first."""

DECIDING = tuple(name for name in SHOWN if OUTCOMES[name].better != "none" and name != "desk_days_lost")
"""Outcomes that may decide."""

BIGGEST = 1_000_000
"""Bytes of a file of plans; a longer one is none of ours."""


@dataclass(frozen=True)
class Plan:
    """A policy and where its sliders stand.

    Attributes
    ----------
    policy : Policy
        What is run, with the levers that are on no slider.
    parked : mapping
        Key of a slider -> where it stands although its lever is switched off.
    """

    policy: Policy
    parked: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def new(cls, letter: str, start: Policy | None = None) -> Plan:
        """Plan "A", "B"..., like `start`, which is what is done today by default."""
        return cls(
            replace(
                start or status_quo(),
                name=f"plan_{letter.lower()}",
                label_id=f"Rencana {letter}",
                label_en=f"Plan {letter}",
            )
        )

    def named(self, label: str) -> Plan:
        """The same plan under a name of the planner's own, in both languages."""
        if is_personal(label):
            raise KinerjaError(_("a number like a NIK or NIP is personal data; choose another name."))
        return replace(self, policy=replace(self.policy, label_id=label, label_en=label))

    def get(self, slider: Slider, agency: Agency) -> Any:
        """Where a slider stands."""
        lever = self._levers.get(slider.lever_key)
        if lever is not None:
            return getattr(lever, slider.parameter)
        return self.parked.get(slider.key, slider.absent(agency))

    def set(self, slider: Slider, value: Any, agency: Agency) -> Plan:
        """The plan with a slider moved.

        Raises
        ------
        KinerjaError
            Where a lever cannot be so, or does not fit the agency.
        """
        mates = [s for s in SLIDERS if s.lever_key == slider.lever_key]
        stands = {s.key: self.get(s, agency) for s in mates} | {slider.key: value}
        off = any(s.switch and not stands[s.key] for s in mates)
        if off:
            kept = tuple(lever for lever in self.policy.levers if lever.key != slider.lever_key)
            return replace(self, policy=replace(self.policy, levers=kept), parked={**self.parked, **stands})
        now = self._levers.get(slider.lever_key)
        parameters = {} if now is None else now.parameters()
        parameters |= {s.parameter: stands[s.key] for s in mates} | {"tag": slider.tag}
        lever = LEVERS[slider.lever].build(parameters)
        lever.check(agency)
        words = {"label_id": self.policy.label_id, "label_en": self.policy.label_en}
        return replace(self, policy=self.policy.plus(lever, name=self.policy.name, **words))

    def fits(self, agency: Agency) -> Plan:
        """The plan on another agency; a course it does not have gives way to its first."""
        plan = self
        for slider in SLIDERS:
            if slider.kind == "course" and plan.get(slider, agency) not in {c.course for c in agency.courses}:
                plan = plan.set(slider, slider.absent(agency), agency)
        for lever in plan.policy.levers:
            lever.check(agency)
        return plan

    def beside(self) -> list[str]:
        """Keys of levers that differ from today's, or are not there today, and are on no slider."""
        usual, on_page = set(status_quo().levers), {slider.lever_key for slider in SLIDERS}
        return [x.key for x in self.policy.levers if x not in usual and x.key not in on_page]

    @property
    def _levers(self) -> dict[str, Any]:
        return {lever.key: lever for lever in self.policy.levers}


@dataclass(frozen=True)
class Question:
    """What is asked: plans on an agency against what is done today.

    Attributes
    ----------
    agency : Agency
    plans : tuple of Plan
        One to :data:`MOST`.
    years, replications, seed : int
        As in :class:`sim.study.CompareStudy`.
    outcome : str
        The outcome that decides.
    """

    agency: Agency
    plans: tuple[Plan, ...]
    years: int = 1
    replications: int = 20
    seed: int = 1
    outcome: str = "waiting_minutes"

    def study(self, replications: int | None = None) -> CompareStudy:
        """The study that answers it; with fewer replications, what can be said so far."""
        return CompareStudy(
            agency=self.agency,
            policies=(status_quo(), *(plan.policy for plan in self.plans)),
            years=self.years,
            seed=self.seed,
            replications=replications or self.replications,
            headline=(self.outcome, *(name for name in SHOWN if name != self.outcome)),
        )


def save_plans(question: Question) -> str:
    """The question as a study file, which :func:`load_plans` reads back and ``kinerja study`` runs."""
    return yaml_of(question.study().to_dict())


def load_plans(text: str, name: str, question: Question) -> Question:
    """A question from a file of plans: a whole one, or a single plan, which is added.

    Parameters
    ----------
    text : str
        YAML, as :func:`save_plans` or :meth:`sim.levers.Policy.to_yaml` wrote it. It is data: nothing in it is run.
    name : str
        Of the file, for messages.
    question : Question
        The present one. A file about an agency that does not ship is read on the present agency of that name.

    Raises
    ------
    Problems
        With everything wrong, by line and key.
    """
    _refuse(text, name)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / (re.sub(r"[^\w.-]", "_", Path(name).name) or "plan.yaml")
        path.write_text(text, encoding="utf-8", newline="\n")
        try:
            data = YamlFile(path).data
            if "policies" not in data and "agency" not in data:
                return _added(read_policy(path), question, name)
            own = data.get("agency") == question.agency.name
            if own:  # it may be an uploaded one, which a file cannot name
                path.write_text(
                    yaml.safe_dump({**data, "agency": "contoh"}, sort_keys=False), encoding="utf-8"
                )
            study = load_study(path)
        except Problems as error:
            raise Problems(
                [replace(p, where=p.where.replace(str(path), name)) for p in error.problems]
            ) from error
    agency = question.agency if own else study.agency
    plans = tuple(Plan(p).fits(agency) for p in study.policies if p.name != study.baseline)
    if not plans or study.policies[0].levers != status_quo().levers:
        what = _("the file does not compare plans with what is done today.")
        raise Problems([Problem(name, None, "policies", what, _("Begin the list with status_quo."))])
    return _checked(
        replace(
            question,
            agency=agency,
            plans=plans,
            years=study.years,
            seed=study.seed,
            replications=study.replications or question.replications,
            outcome=next((x for x in study.headline if x in DECIDING), question.outcome),
        ),
        name,
    )


def _refuse(text: str, name: str) -> None:
    """Refuse what is too long or holds personal data, before anything reads it."""
    if len(text) > BIGGEST:
        raise Problems([Problem(name, None, None, _("the file is too long."), _("Choose a file of plans."))])
    rows = [n for n, line in enumerate(text.splitlines(), 1) if is_personal(line)]
    if rows:
        what, do = (
            _("a number of 16 or 18 digits, as a NIK or NIP, stands here: personal data."),
            _("Take it out."),
        )
        raise Problems([Problem(name, row, None, what, do) for row in rows])


def _added(policy: Policy, question: Question, name: str) -> Question:
    """The question with one more plan; what it is called is kept, its code is ours."""
    taken = {plan.policy.name for plan in question.plans}
    code = next((x for x in letters(MOST + 1) if f"plan_{x.lower()}" not in taken), "")
    plan = Plan(replace(policy, name=f"plan_{code.lower()}")).fits(question.agency)
    return _checked(replace(question, plans=(*question.plans, plan)), name)


def _checked(question: Question, name: str) -> Question:
    if len(question.plans) > MOST:
        what = _(
            "that would be {n_plans} plans; {most} fit side by side.", n_plans=len(question.plans), most=MOST
        )
        raise Problems([Problem(name, None, "policies", what, _("Take one away first."))])
    return question


def letters(count: int) -> Sequence[str]:
    """A, B, C...

    Examples
    --------
    >>> letters(3)
    ['A', 'B', 'C']
    """
    return [chr(ord("A") + i) for i in range(count)]
