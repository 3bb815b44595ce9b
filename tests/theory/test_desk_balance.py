"""Claim: the desk's books balance, exactly: Little's law and conservation, on random weeks with every rule at work.

Six in ten of these weeks have routes of steps, and queues that hold cases until they are noticed.
"""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.desk import Desk

sys.path.insert(0, str(Path(__file__).parents[1] / "logic"))
from desk_cases import ATTEMPTS, Week, random_week

WEEKS = range(100)


def simplified(week: Week, **queue_columns: Any) -> Week:
    """The same week with other queues, and nobody complaining."""
    kept = [a for a in week.actions if a[1] in ("set_people", "set_roster", "set_attention", "feed")]
    return replace(week, queues=replace(week.queues, **queue_columns), actions=kept)


ONE_STEP = {"rework": -1, "next": -1, "branch": 1.0, "staffed": True, "holds": False}
"""Queues in which a case is from its arrival until it ends."""


def test_little() -> None:
    """The sum over time of who is in the system is the sum over requests of their time in it, for every queue."""
    for seed in WEEKS:
        present, expected = little(simplified(random_week(seed, coarse=True), **ONE_STEP))
        assert np.array_equal(present, expected), seed


def test_little_over_routes() -> None:
    """The same for the whole desk where cases go from step to step, come back and wait to be noticed."""
    weeks = [simplified(random_week(seed, coarse=True)) for seed in WEEKS]
    assert sum(week.queues.steps > 1 for week in weeks) > 30
    for week in weeks:
        present, expected = little(week)
        assert present.sum() == expected.sum()


def little(week: Week) -> tuple[np.ndarray, np.ndarray]:
    """Time spent at the desk by queue, counted tick by tick, and as the logs have it (by first queue)."""
    desk = Desk(week.day_start, week.queues, week.officers, ATTEMPTS, week.shuts)
    actions = list(week.actions)
    present = np.zeros(len(week.queues), np.int64)
    end = int(week.day_start[-1])
    arrived = np.zeros(len(week.queues), np.int64)
    for tick in range(end):
        while actions and actions[0][0] == tick:
            _, method, arguments = actions.pop(0)
            getattr(desk, method)(*arguments)
            if method == "feed":
                arrived += np.bincount(arguments[0].queue, end - arguments[0].arrival, len(arrived)).astype(
                    int
                )
        desk.advance(tick + 1)
        present += desk.waiting() + desk.in_service() + desk.pending() + desk.unnoticed()
    cases, _ = desk.collect()
    left = np.bincount(cases.queue, end - cases.finish, len(arrived)).astype(int)
    return present, arrived - left


@pytest.mark.parametrize("complaining", [False, True])
def test_conservation(complaining: bool) -> None:
    """Arrived = served + left + lost + discarded + waiting + in service + pending + unnoticed, at any moment.

    Where every case is complained about, complaints take the place of the requests that ended.
    """
    weeks = [random_week(seed, coarse=seed % 2 == 0) for seed in WEEKS]
    kept = [week for week in weeks if len(week.queues.complaint_clock) or not complaining]
    assert len(kept) > 50
    for week in kept:
        conservation(week, complaining)


def conservation(week: Week, complaining: bool) -> None:
    desk = Desk(week.day_start, week.queues, week.officers, ATTEMPTS, week.shuts)
    if complaining:
        desk.set_complaining(np.ones((len(week.queues), 3)), 0.5)
    arrival: list[int] = []
    requests = complaints = 0
    for tick, method, arguments in [*week.actions, (int(week.day_start[-1]) + 1, "waiting", ())]:
        desk.advance(tick)
        cases, _ = desk.collect()
        requests += int((cases.parent < 0).sum())
        complaints += int((cases.parent >= 0).sum())
        inside = (desk.waiting() + desk.in_service() + desk.pending() + desk.unnoticed()).sum()
        arrived = (np.array(arrival) < tick).sum()
        assert inside == arrived - (complaints if complaining else requests)
        if method != "set_complaining":
            getattr(desk, method)(*arguments)
        if method == "feed":
            arrival += arguments[0].arrival.tolist()
