"""Claim: the treatment centre of Nelson (2013), written as an agency, waits as a plain SimPy model of it does.

The proof with 200 replications of each is ``make proof-treatment-centre``; this is its short version.
"""

from __future__ import annotations

import numpy as np
import simpy

from sim.agency import load_agency, write_agency
from sim.runs.run import make_world
from validation import treatment_centre as centre


def test_the_agency_is_data(tmp_path) -> None:
    """It is one that files can hold, and that checks find nothing wrong with."""
    agency = centre.centre()
    assert load_agency(write_agency(agency, tmp_path / "centre")) == agency


def test_six_mean_waits() -> None:
    found = centre.compare(30)
    assert found.holds, found.z
    assert np.isfinite(found.ours).mean() > 0.95


def test_with_the_same_draws_every_visit_begins_at_the_same_tick() -> None:
    """Arrivals, work and branches of the agency, in SimPy: what is left to differ above is luck alone."""
    world = make_world(centre.centre(), centre.NOBODY, months=1, scenario=centre.NOVEMBER)
    world.service.traced = ("centre", [])
    office, drawn = world.offices[0], []
    begin = office.begin

    def begin_and_keep(month, requests, *more):
        drawn.append(requests)
        begin(month, requests, *more)

    office.begin = begin_and_keep  # type: ignore[method-assign]
    world.run()
    (requests,), (jobs,) = drawn, world.service.traced_jobs
    rate = float(office.rates(*np.zeros((2, 10, len(office.layout))))[0][0, 0])
    env, started = simpy.Environment(), {}
    pools = {code: simpy.Resource(env, staff) for code, (staff, *_times) in centre.POOLS.items()}
    column = {code: 3 * n for n, code in enumerate(centre.POOLS)}

    def visit(i: int, code: str):
        with pools[code].request() as turn:
            yield turn
            started[int(requests.id[i]), code] = env.now
            yield env.timeout(max(1, int(np.floor(requests.work[i, column[code]] / rate + 0.5))))

    def patient(i: int):
        yield env.timeout(int(requests.arrival[i]))
        yield from visit(i, "triage")
        if requests.u_branch[i, column["triage"]] >= 1 - centre.TRAUMA:
            yield from visit(i, "trauma")
            yield from visit(i, "trauma_treatment")
            return
        yield from visit(i, "registration")
        yield from visit(i, "examination")
        if requests.u_branch[i, column["examination"]] < centre.TREATED:
            yield from visit(i, "treatment")

    for i in range(len(requests)):
        env.process(patient(i))
    env.run()
    names = np.array(office.layout.name)[jobs.queue]
    found = dict(zip(zip(jobs.id.tolist(), names.tolist(), strict=True), jobs.start.tolist(), strict=True))
    assert len(found) > 3000
    assert found == {key: started[key] for key in found}


def test_a_room_more_would_be_seen(monkeypatch) -> None:
    """The agency keeps three examination rooms; the SimPy model gets two."""
    agency = centre.centre()
    monkeypatch.setitem(centre.POOLS, "examination", (2, *centre.POOLS["examination"][1:]))
    monkeypatch.setattr(centre, "centre", lambda: agency)
    assert not centre.compare(10).holds
