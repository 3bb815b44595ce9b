"""Claim: the search for seats is left at once when it is not wanted any more, and loses nothing that was finished."""

from __future__ import annotations

import threading
import time

import pandas as pd
import pytest

import sim
from sim.planner import Plan, Question
from sim.planner.leaving import CancellableRuns
from sim.planner.seats import Goal
from sim.runs.run import RunTables

AGENCY = sim.load_agency("contoh")
RUN = 1.5
"""Seconds of a run that takes long."""


def goal() -> Goal:
    plan = Plan.new("A", sim.load_policy("ict_training"))
    return Goal(Question(AGENCY, (plan,), years=1), 0, "waiting_minutes", 15.0, 0.8)


class Slow:
    """Waiting falls with seats; each run takes a while from the time `slow` is set."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.begun: list[tuple[int, int]] = []
        self.ended = 0
        self.under_way = threading.Event()

    def __call__(self, agency, policy, *, seed, replication, months, scenario) -> RunTables:
        seats = sum(lever.seats for lever in policy.levers if lever.name == "training")
        self.begun.append((seats, replication))
        self.under_way.set()
        time.sleep(self.seconds)
        self.ended += 1
        summary = pd.DataFrame({"window": ["1-12"], "unit": ["*"], "waiting_minutes": [20 - 0.1 * seats]})
        summary["desk_days_lost"] = 1.0 * seats
        costs = pd.DataFrame({"lever": ["training"], "year": [1], "rupiah": [1.0], "officer_days": [0.0]})
        return RunTables(summary.assign(month=1), summary, costs)


def test_it_ends_in_a_moment_though_a_run_is_under_way():
    model, runs, still = Slow(RUN), CancellableRuns(), True
    told: list[object] = []

    def search() -> None:
        told.extend(goal().search(workers=1, wanted=lambda: still, runs=runs, simulate=model))

    thread = threading.Thread(target=search)
    thread.start()
    assert model.under_way.wait(10)
    still, began = False, time.perf_counter()
    thread.join(10)
    assert time.perf_counter() - began < 1.0 < RUN
    assert told == []
    assert model.ended == 0  # nobody waited for it
    time.sleep(RUN + 0.3)
    assert (
        len(model.begun) == model.ended == len(runs) == 1
    )  # it ended on its own, was kept, and no other was begun


def test_what_was_finished_is_not_run_again():
    model, runs = Slow(), CancellableRuns()
    whole = list(goal().search(workers=1, runs=runs, simulate=model))
    assert not whole[-1].partial
    count = len(model.begun)
    assert count == len(set(model.begun)) == len(runs)
    again = list(goal().search(workers=1, runs=runs, simulate=model))
    assert len(model.begun) == count
    assert (again[-1].dose, again[-1].partial) == (whole[-1].dose, False)
    pd.testing.assert_frame_equal(again[-1].points, whole[-1].points)


def test_what_is_left_goes_on_from_there():
    model, runs = Slow(), CancellableRuns()
    whole = list(goal().search(workers=1, simulate=Slow()))
    wanted = iter([True] * 60)
    list(goal().search(workers=1, wanted=lambda: next(wanted, False), runs=runs, simulate=model))
    begun = len(model.begun)
    found = list(goal().search(workers=1, runs=runs, simulate=model))
    assert begun
    assert len(model.begun) == len(set(model.begun))
    assert found[-1].dose == whole[-1].dose


def test_a_run_that_fails_is_told():
    def broken(*_, **__):
        raise ArithmeticError("no such world")

    with pytest.raises(ArithmeticError, match="no such world"):
        list(goal().search(workers=1, simulate=broken))
