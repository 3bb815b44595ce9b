"""The training lever: courses with seats and dates, nomination, days away, transfer to the job, decay without use.

The gain on completion is ``d * B / q`` with transfer B ~ Bernoulli(q): the published effect on behaviour (Arthur et al.
2003) already averages over those who transfer nothing (Saks 2002). Decay follows Tatel & Ackerman; the half-life is
longer the more the job uses the skill. Formats differ from the classroom as procedural skill does in Sitzmann et al.
(2006).
"""

from __future__ import annotations

from collections.abc import Generator
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import simpy
from scipy.special import expit, logit, ndtri

from sim.agency.spec import DOMAINS, Agency, Course
from sim.errors import _
from sim.levers.base import Lever, check_code, param
from sim.world.effects import per_unit
from sim.world.officers import Bool

if TYPE_CHECKING:
    from sim.world.world import World

CLIMATE_LOGIT = 0.5
"""Logits of transfer per SD of closeness to the supervisor, for their support (assumption after Blume et al. 2010)."""
ENGAGED_LOGIT = 1.5
"""Logits of transfer between a supervisor who is not engaged at all and a fully engaged one (assumption, likewise)."""
COACHED_LOGIT = 0.7
"""Logits of transfer added by coaching at work, where the skill is learnt in use (assumption)."""
FULL_USE = 0.3
"""Weight of a skill in the job from which on it counts as used every day (assumption)."""
FORMATS = {"online": "training_web_procedural", "blended": "training_blended_procedural"}
"""Findings on formats, as differences to the classroom; coaching teaches as much as the classroom (assumption)."""
CHANCES = (0.05, 0.95)
"""Bounds of the chance of transfer in any future (assumption)."""
FULL_JP = 20.0
"""Lesson hours of a full course; a shorter one teaches in proportion, and restores fully what was once learnt."""
PEAK_WEEKS = 4
"""Weeks after Lebaran that count as the peak."""


class Training(Lever):
    """A training plan: one course with a number of seats per year."""

    group: ClassVar[str] = "training"
    phase: ClassVar[str] = "train"
    title = _("Training")
    evidence: ClassVar[tuple[str, ...]] = (
        "training_behaviour",
        "transfer_at_once",
        "transfer_supervisor_support",
        "decay_mixed",
        *FORMATS.values(),
    )
    outcomes: ClassVar[tuple[str, ...]] = ("skill", "seats_used", "seats_waiting", "desk_days_lost", "jp20")

    course: str = param(_("code of a course of the agency"), default="ict-classroom")
    seats: int = param(_("seats per year"), unit="persons/year", low=1, high=100_000, default=40)
    classes: int = param(_("classes per year, evenly spread"), low=1, high=250, default=4)
    trainers: int = param(_("trainers (classes at once)"), low=1, high=1000, default=1)
    unit: str = param(_("only this unit (empty: all)"), default="")
    nomination: str = param(
        _(
            "who goes first: gap = lowest rating, needs = largest assessed gap, rota = longest without the course, "
            "seniority, request = most motivated"
        ),
        choices=("gap", "needs", "rota", "seniority", "request"),
        default="gap",
    )
    avoid_peak: bool = param(
        _("put classes off until the peak after Lebaran is over"),
        default=False,
    )
    budget: float = param(
        _("budget per year (0: no limit)"),
        unit="Rp/year",
        low=0,
        high=1e13,
        default=0.0,
    )

    def check(self, agency: Agency) -> None:
        check_code("training.course", self.course, [course.course for course in agency.courses], agency.name)
        if self.unit:
            check_code("training.unit", self.unit, [unit.unit for unit in agency.units], agency.name)

    def run(self, world: World) -> Generator[Any, Any, None]:
        course = next(c for c in world.agency.courses if c.course == self.course)
        room = simpy.Resource(world.env, capacity=self.trainers)
        jp = world.officers.column("training.jp")
        held = booked = due = 0
        left = self.budget
        while True:
            yield world.clock.next("month")
            month = world.clock.month_of_year
            if month == 1:
                jp[:] = 0.0
                left = self.budget
            world.recorder.state("jp20", world.by_unit(jp >= FULL_JP))
            # classes are spread evenly over the months of a year
            due += month * self.classes // 12 - (month - 1) * self.classes // 12
            if self.avoid_peak and _is_peak(world):
                continue
            for __ in range(due):
                held += 1
                seats = round(held * self.seats / self.classes) - booked
                booked += seats
                if self.budget and course.cost:
                    seats = min(seats, int(left // course.cost))
                    left -= seats * course.cost
                for part, size in enumerate(_rooms(seats, course.seats)):
                    key = (self.key, course.course, world.clock.now, held, part)
                    world.follow(self, self._teach(world, course, room, size, key))
            due = 0

    def _teach(
        self, world: World, course: Course, room: simpy.Resource, seats: int, key: tuple[str | int, ...]
    ) -> Generator[Any, Any, None]:
        officers = world.officers
        with room.request() as turn:
            yield turn
            chosen = self._nominate(world, course, seats)
            if not chosen.any():
                return
            persons = officers.person[chosen]
            officers.column(f"training.last.{course.course}", -np.inf)[chosen] = world.clock.month
            days = int(np.ceil(course.days))
            world.roster.send_away(chosen, world.clock.day, days)
            world.pay(course.cost * chosen.sum())
            world.ledger.spend_days(self.key, world.clock.month, float(days * chosen.sum()))
            world.recorder.flow("seats_used", world.sum_by_unit(chosen))
            world.recorder.flow("desk_days_lost", world.sum_by_unit(chosen * float(days)))
            jp = officers.column("training.jp")
            jp[chosen] += course.jp
            world.recorder.state("jp20", world.by_unit(jp >= FULL_JP))
            if days:
                yield world.clock.after(days)
            # who has left the agency meanwhile learns nothing for it; who holds another post has taken part
            self._learn(world, course, np.isin(officers.person, persons), key)

    def _nominate(self, world: World, course: Course, seats: int) -> Bool:
        officers = world.officers
        last = officers.column(f"training.last.{course.course}", -np.inf)
        # a full course at most once a year; a refresher as often as there are seats
        again = 12 if course.jp >= FULL_JP else 1
        waiting = officers.there & (world.clock.month - last >= again) & ~officers.is_supervisor
        if self.unit:
            waiting &= officers.unit == [unit.unit for unit in world.agency.units].index(self.unit)
        world.recorder.state("seats_waiting", world.sum_by_unit(waiting))
        if self.nomination == "gap":
            key = officers.column("appraisal.score")
        elif self.nomination == "needs":
            key = -officers.column(f"needs.gap.{course.domain}")
        elif self.nomination == "rota":
            key = last.copy()
        elif self.nomination == "seniority":
            key = -officers.tenure
        else:
            key = -(officers.motivation + world.people.motivation)
        order = np.lexsort((officers.slot, officers.unit, np.where(np.isfinite(key), key, -1e9)))
        chosen = np.zeros(len(officers), np.bool_)
        chosen[order[waiting[order]][:seats]] = True
        return chosen

    def _learn(self, world: World, course: Course, who: Bool, key: tuple[str | int, ...]) -> None:
        officers, climate = world.officers, world.climate
        transfer = float(np.clip(world.effect_size("transfer_at_once").mean, *CHANCES))
        chance = expit(
            logit(transfer)
            + CLIMATE_LOGIT * officers.closeness
            + ENGAGED_LOGIT * (climate.engagement - climate.start("engagement"))
            + COACHED_LOGIT * (course.format == "coaching")
        )
        transferred = who & (per_unit(officers, world.streams, "training.transfer", *key) < ndtri(chance))
        entry = world.effect(
            f"skill.{course.domain}", "training_behaviour", half_life_days=_half_life(world, course.domain)
        )
        most = _format_factor(world, course) / transfer
        peak = officers.column(f"training.peak.{course.domain}")
        share = min(1.0, course.jp / FULL_JP)
        learnt = np.where(peak > 0, np.maximum(peak, share * most), share * most)
        # relearning is quick: a skill once learnt is fully restored, and never exceeds that of a fresh trainee
        entry.set(transferred, np.maximum(entry.dose, learnt)[transferred])
        peak[transferred] = np.maximum(peak, entry.dose)[transferred]


def held_in(plan: Training, month: int) -> list[int]:
    """Return the seats of each class that the plan holds in a month of the year (1..12).

    Examples
    --------
    >>> held_in(Training(seats=50, classes=4), 3), held_in(Training(seats=50, classes=4), 4)
    ([12], [])
    """
    before, upto = ((m * plan.classes) // 12 for m in (month - 1, month))
    ends = [round(k * plan.seats / plan.classes) for k in range(before, upto + 1)]
    return [last - first for first, last in pairwise(ends)]


def _rooms(seats: int, size: int) -> list[int]:
    """Split a class of `seats` into rooms of `size`."""
    return [size] * (seats // size) + ([seats % size] if seats % size else [])


def _is_peak(world: World) -> bool:
    """Tell whether the month that starts has days of the peak after Lebaran."""
    calendar, month = world.calendar, world.clock.month + world.scenario.burn_in - 1
    week = calendar.week_after_lebaran[calendar.month_first_day[month] : calendar.month_first_day[month + 1]]
    return bool(((week >= 1) & (week <= PEAK_WEEKS)).any())


def _format_factor(world: World, course: Course) -> float:
    """Gain of a course in its format relative to the classroom, from the expected sizes of both."""
    if course.format not in FORMATS:
        return 1.0
    classroom = world.expected_size("training_behaviour").mean
    other = classroom + world.expected_size(FORMATS[course.format]).mean
    return max(0.0, other / classroom) if classroom else 1.0


def _half_life(world: World, domain: str) -> float:
    """Half-life of a skill in days: the published one without use, longer the more the job uses the skill."""
    without = world.finding("decay_mixed").half_life_days or np.inf
    used = float(
        world.people.mix[:, DOMAINS.index(domain)].mean()
    )  # of posts: what a job uses, whoever holds it
    return without * (1 + min(1.0, used / FULL_USE))
