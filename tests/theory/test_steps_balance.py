"""Claim: the books of an agency with routes balance at every step: Little's law and conservation, exactly.

The occupancy of every queue is looked at on a grid of moments; a step held its case at a moment where it came before
and was not finished yet. Branches, errors that go back, hand-offs, delays of attention and closing are all at work.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from sim import status_quo
from sim.agency import Agency
from sim.calendar import TICKS_PER_MINUTE
from sim.desk import DISCARDED, DONE, LEFT
from sim.runs.run import make_world
from sim.world import Scenario
from sim.world.steps.journeys import steps_table
from sim.world.steps.layout import Layout

sys.path.insert(0, str(Path(__file__).parents[1] / "logic"))
from route_agency import permit_agency

MONTHS = 3
SHORT = Scenario(burn_in=2)
STEP = 17 * TICKS_PER_MINUTE + 1


@dataclass
class Run:
    """What was looked at: the log of steps, the cases, and counts by moment and queue."""

    layout: Layout
    log: pd.DataFrame
    cases: pd.DataFrame
    moments: np.ndarray
    arrived: np.ndarray
    present: dict[str, np.ndarray]


def patient(agency: Agency) -> Agency:
    """Nobody gives up and nothing is overlooked for ever, so that every case ends and is in the log."""
    return replace(
        agency,
        services=tuple(replace(s, patience=None, returns=1.0) for s in agency.services),
        steps=tuple(replace(s, unnoticed=None) for s in agency.steps),
        complaints=tuple(
            replace(c, unnoticed=None, noticed=0.5, noticed_spread=0.3) for c in agency.complaints
        ),
    )


def looked_at(agency: Agency, *, drained: bool) -> Run:
    """Run and look; where it is to be drained, nobody comes in the last month."""
    world = make_world(agency, status_quo(), months=MONTHS, scenario=SHORT)
    world.service.traced = ("dukcapil", [])
    office = world.offices[0]
    first, last, end = (int(world.calendar.month_start[SHORT.burn_in + k]) for k in (0, MONTHS - 1, MONTHS))
    moments = np.arange(first + STEP, end, STEP)
    looks: dict[str, list[np.ndarray]] = {"waiting": [], "in_service": [], "pending": [], "unnoticed": []}
    arrivals, begin = [], office.begin

    def begin_and_note(month, requests, *more):
        arrivals.append(requests.arrival)
        begin(month, requests, *more)

    office.begin = begin_and_note  # type: ignore[method-assign]
    for moment in moments.tolist():
        if drained and moment + STEP >= last:
            office.rules.keep = {s.service: 0.0 for s in office.services}
        world.env.run(until=moment)
        office.desk.advance(moment)
        for name, rows in looks.items():
            rows.append(getattr(office.desk, name)())
    world.run()
    batches = world.service.traced[1]
    return Run(
        office.layout,
        steps_table(office, batches, world.service.traced_jobs),
        pd.concat([batch.frame() for batch in batches], ignore_index=True),
        moments,
        np.concatenate(arrivals),
        {name: np.array(rows) for name, rows in looks.items()},
    )


def test_conservation() -> None:
    """At every moment: requests that came = ended + inside; citizens give up, and files are never opened."""
    run = looked_at(permit_agency(), drained=False)
    requests = run.layout.service < len(run.layout.first)
    inside = sum(run.present.values())[:, requests].sum(axis=1)
    ended = run.cases[run.cases["parent"] < 0]
    came = np.searchsorted(np.sort(run.arrived), run.moments)
    gone = np.searchsorted(np.sort(ended["finish"].to_numpy()), run.moments)
    assert np.array_equal(came, inside + gone)
    assert {DONE, LEFT} <= set(ended["status"])
    assert run.present["unnoticed"][-1, requests].sum() > 10


def test_little_at_every_step() -> None:
    """At every moment and in every queue: who is there = who came before and was not finished yet."""
    run = looked_at(patient(permit_agency()), drained=True)
    assert (run.cases["status"].isin([DONE, DISCARDED])).all()
    present = run.present["waiting"] + run.present["in_service"] + run.present["unnoticed"]
    expected = np.zeros_like(present)
    for queue, mine in run.log.groupby("queue"):
        came, finish = (np.sort(mine[name].to_numpy()) for name in ("came", "finish"))
        expected[:, queue] = np.searchsorted(came, run.moments) - np.searchsorted(finish, run.moments)
    assert np.array_equal(present, expected)
    assert (present.sum(axis=0) > 0).sum() >= 12  # queues of steps, delays, rework and complaints
    assert present[-1].sum() == 0
