"""Find the seats a plan needs: the capacity search, stopped as soon as something else is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sim.errors import KinerjaError, _
from sim.language.numbers import read_number
from sim.outcomes import OUTCOMES
from sim.planner.leaving import CancellableRuns, Cancelled
from sim.planner.plans import Plan, Question
from sim.planner.sliders import SLIDERS
from sim.runs.replicate import execution
from sim.study.capacity.design import CapacityStudy
from sim.study.capacity.run import steps
from sim.study.run import StudyRun

if TYPE_CHECKING:
    from sim.runs.job import Simulate
    from sim.study.capacity.result import CapacityResult

TARGETS = {
    "complaint_p90_days": 5.0,
    "ikm_service": 82.0,
    "jp20": 0.8,
    "waiting_minutes": 15.0,
    "complaints_in_time": 0.9,
}
"""Outcomes a planner may want to bring to a target, and a target to begin with."""

PROBABILITIES = (0.8, 0.9, 0.95)
CONFIRM = 20
"""Replications the number in the answer must have; a study file can ask for more."""

SEATS = next(slider for slider in SLIDERS if slider.key == "training.seats")


@dataclass(frozen=True)
class Goal:
    """A target to be reached by seats.

    Attributes
    ----------
    question : Question
    active : int
        Position of the plan whose seats are sought; several courses keep their proportion.
    outcome : str
    target : float
        In the outcome's own unit.
    probability : float
        With which it is to be reached, over random variation and over what is not known about the effects.
    """

    question: Question
    active: int
    outcome: str
    target: float
    probability: float = 0.9

    def study(self) -> CapacityStudy:
        """The search that answers it."""
        agency, plan = self.question.agency, self.question.plans[self.active]
        if not _courses(plan):
            plan = plan.set(SEATS, SEATS.places(agency, 0)[1], agency)
        return CapacityStudy(
            agency=agency,
            policy=plan.policy,
            lever=_courses(plan),
            outcome=self.outcome,
            target=self.target,
            probability=self.probability,
            high=int(SEATS.top(agency)),
            batch=5,
            confirm=CONFIRM,
            years=self.question.years,
            seed=self.question.seed,
        )

    def search(
        self,
        workers: int | None = None,
        wanted: Callable[[], bool] = lambda: True,
        runs: CancellableRuns | None = None,
        simulate: Simulate | None = None,
    ) -> Iterator[CapacityResult]:
        """What is known after each batch of replications, until the answer is there or is not wanted any more.

        Parameters
        ----------
        workers : int, optional
            Processes; None uses every core.
        wanted : callable
            Asked all the time: it ends within a moment of saying no, without waiting for the runs under way.
        runs : CancellableRuns, optional
            Where finished runs are kept, for the next search.
        simulate : callable, optional
            By default :func:`sim.runs.run.simulate`.
        """
        runs = CancellableRuns() if runs is None else runs
        runs.wanted = wanted
        study = StudyRun(self.study(), workers=workers, progress=False, simulate=simulate)
        found_so_far = steps(study)
        while wanted():
            with execution(store=runs):
                try:
                    found = next(found_so_far)
                except (StopIteration, Cancelled):
                    return
            yield found

    def with_seats(self, seats: float) -> Question:
        """The question with so many seats in the plan."""
        plan = self.question.plans[self.active]
        name = plan.policy.name
        plans = list(self.question.plans)
        plans[self.active] = replace(plan, policy=replace(self.study().at(seats), name=name))
        return replace(self.question, plans=tuple(plans))


def share_done(goal: Goal, found: CapacityResult) -> float:
    """How far a search is, 0 to 1, of the most it may take."""
    return 1.0 if not found.partial else min(0.99, found.manifest["replications"] / goal.study().most)


def parse(text: str, outcome: str) -> float:
    """Return a target as a planner writes it in the session's language: ``12,5``, or ``90`` and ``90%`` for a share.

    Raises
    ------
    KinerjaError
        Where it is no number.

    Examples
    --------
    >>> from sim.language import speaking
    >>> with speaking("id"):
    ...     parse("76,61", "ikm_service"), parse("90%", "jp20")
    (76.61, 0.9)
    """
    x = read_number(text.replace("\N{NO-BREAK SPACE}", " ").strip().removesuffix("%"))
    if x is None:
        raise KinerjaError(_("{text!r} is not a number.", text=text))
    return x / 100 if OUTCOMES[outcome].share else x


def _courses(plan: Plan) -> tuple[str, ...]:
    return tuple(lever.key for lever in plan.policy.levers if lever.name == "training")
