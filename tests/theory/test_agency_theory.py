"""Claim: a queueing model stated as an agency gives its exact results: Erlang C, and Erlang A with impatience.

The agency is that of docs/howto-queueing-model.md: one unit, open day and night, whose officers are alike and always
there, with Poisson arrivals and exponential work. Each replication is a month of the world, of which the first days are
left out; test seeds are fixed, |z| <= 4.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from queueing import erlang_a, mmc_wait

from sim.agency import Agency, Fact, Hours, check_agency, load_agency, write_agency
from sim.levers import Policy
from sim.runs.run import make_world, trace
from sim.world import Scenario

REPLICATIONS = 20
DAY = 24 * 60 * 60_000
SOURCE = {"source": "a queueing model", "status": "A"}


def queue_agency(servers: int, per_minute: float, work: float, patience: float | None) -> Agency:
    """M/M/c, with exponential patience where there is one; minutes."""
    form = load_agency("contoh")
    unit = replace(
        form.unit("dukcapil"), pns=servers + 1, pppk=0, absence=0.0, utilisation=None, holidays="own"
    )
    service = replace(
        form.services[0],
        demand=24 * 60 * per_minute,
        work=work,
        work_kind="exponential",
        work_cv=1.0,
        error=0.0,
        staff=servers,
        patience=patience,
    )
    nobody_complains = {f"complain_{how}": "0" for how in ("error", "left", "fine")}
    alike = Fact(key="officers_alike", value="1", unit="0 or 1", **SOURCE)
    return replace(
        form,
        facts=(*(replace(f, value=nobody_complains.get(f.key, f.value)) for f in form.facts), alike),
        units=(unit,),
        services=(service,),
        demand=(),
        programmes=(),
        hours=tuple(
            Hours(unit="dukcapil", weekday=d, open="00:00", close="24:00", **SOURCE) for d in range(1, 8)
        ),
    )


def z_scores(agency: Agency, exact: tuple[float, ...], seed: int) -> np.ndarray:
    """Standard errors from the exact share that gives up and mean wait of all."""
    runs = []
    for replication in range(REPLICATIONS):
        cases = trace(
            agency,
            Policy("nothing"),
            "dukcapil",
            seed=seed,
            replication=replication,
            months=1,
            scenario=Scenario(start=date(2026, 3, 1), burn_in=0),
        )
        # whoever comes on the last day may still be there at its end
        cases = cases[(cases["arrival"] >= 2 * DAY) & (cases["arrival"] < 30 * DAY)]
        assert (cases["sent_home"] == 0).all()
        left = cases["status"] == "left"
        until = np.where(left, cases["finish"], cases["first_start"])
        runs.append([left.mean(), (until - cases["arrival"]).mean() / 60_000])
    means, sds = np.mean(runs, axis=0), np.std(runs, axis=0, ddof=1)
    kept = sds > 0
    assert np.array_equal(means[~kept], np.array(exact)[~kept])  # nobody gives up
    return (means - exact)[kept] / (sds[kept] / np.sqrt(REPLICATIONS))


@pytest.mark.parametrize(("servers", "per_minute", "work"), [(4, 0.2, 16.0)])
def test_erlang_c(servers: int, per_minute: float, work: float) -> None:
    exact = (0.0, mmc_wait(servers, per_minute, work))
    z = z_scores(queue_agency(servers, per_minute, work, None), exact, seed=1)
    assert len(z) == 1
    assert np.abs(z).max() <= 4


@pytest.mark.parametrize(("servers", "per_minute", "work", "patience"), [(5, 0.5, 12.0, 10.0)])
def test_erlang_a(servers: int, per_minute: float, work: float, patience: float) -> None:
    exact = erlang_a(servers, per_minute, work, patience)
    z = z_scores(queue_agency(servers, per_minute, work, patience), exact, seed=2)
    assert len(z) == 2
    assert np.abs(z).max() <= 4


def test_such_an_agency_is_a_valid_one(tmp_path) -> None:
    agency = queue_agency(4, 0.2, 16.0, 30.0)
    found = check_agency(write_agency(agency, tmp_path / "mmc"))
    assert {p.where for p in found} <= {"hours.csv", "demand.csv"}  # odd: 168 hours a week, no Lebaran peak


def test_the_unit_is_as_busy_as_the_scenario_says() -> None:
    agency = queue_agency(4, 0.2, 16.0, None)
    world = make_world(agency, Policy("nothing"), months=3, scenario=Scenario(burn_in=0, utilisation=0.5))
    world.run()
    busy = world.recorder.outcomes()["utilisation"]
    assert busy.mean() == pytest.approx(0.5, abs=0.02)
