"""Claim: the permit desk of a Dutch municipality goes the documented road, from its log to the check, by itself.

What comes out is told as it is: the arrivals are the log's, and a case lasts far longer than any queue for hands would
make it, because files wait to be opened.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluation_data import shared

import sim
from sim.inference import InputsResult, read_events
from sim.inference.desk.posterior_predictive import PosteriorPredictiveResult
from sim.twin.desk import check_desk, desk_form, fit_desk, kept_bounds, office_hours, with_inputs

COLUMNS = {
    "case": "case_concept_name",
    "activity": "concept_name",
    "time": "time_timestamp",
    "officer": "org_resource",
    "arrived": "case_startdate",
}


@pytest.fixture(scope="module")
def road(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[InputsResult, sim.Agency, PosteriorPredictiveResult]:
    log = read_events(
        shared("receipt_wabo.csv.gz"), **COLUMNS, dates=["case_deadline"], timezone="Europe/Amsterdam"
    )
    hours = office_hours(log, "permits", columns=COLUMNS)
    form = desk_form(log, sim.load_agency("contoh"), "permits", columns=COLUMNS, hours=hours)
    found = fit_desk(log, form, "permits", source="CoSeLoG", columns=COLUMNS, hours=hours)
    folder = Path(tmp_path_factory.mktemp("permits")) / "permits"
    fitted = sim.load_agency(sim.write_agency(with_inputs(form, found), folder))
    check = check_desk(log, fitted, "permits", columns=COLUMNS, hours=hours, replications=20, burn_in=1)
    return found, fitted, check


def test_hours_and_holidays_are_dutch(road) -> None:
    """Open on weekdays only; Good Friday, Easter Monday and Liberation Day 2011 are found, Eid is no holiday."""
    tables = road[0].tables
    assert tables["hours"]["weekday"].tolist() == [1, 2, 3, 4, 5]
    assert set(tables["hours"]["open"]) == {"07:30", "08:00"}
    closed = set(tables["closed_days"]["date"].dt.strftime("%Y-%m-%d"))
    assert {"2011-04-22", "2011-04-25", "2011-05-05"} <= closed
    assert "2011-08-30" not in closed
    assert road[0].has("outside_hours")
    assert road[0].has("quiet_days")


def test_its_route_is_the_known_one(road) -> None:
    """Confirmation, T02, T04, T05, T06, T10 are the main steps, in this order."""
    steps = road[0].tables["steps"]
    main = steps[steps["cases"] > 0.5]
    assert [name.split()[0] for name in main["activity"]] == [
        "Confirmation",
        "T02",
        "T04",
        "T05",
        "T06",
        "T10",
    ]
    assert road[0].has("other_moves")


def test_what_it_cannot_tell_is_said_and_not_put_in(road) -> None:
    found, fitted, _ = road
    rows = found.table().set_index(["row", "column"])
    assert rows.loc[("permits", "work"), ["identified", "status"]].tolist() == ["no", "A"]
    assert rows.loc[("permits", "absence"), "identified"] == "bound"
    assert kept_bounds(fitted, found)["holds"].all()
    assert fitted.units[0].absence == sim.load_agency("contoh").units[0].absence
    for key in (
        "work_not_identified",
        "hours_not_identified",
        "closed_days",
        "arrivals_corrected",
        "idle_unseen",
    ):
        assert found.has(key), key


def test_arrivals_are_inside_and_the_time_to_the_end_is_not(road) -> None:
    found, fitted, check = road
    table = check.table().set_index(["column", "statistic"])
    assert table.loc["arrivals", "inside"].all()  # their batches too: the days differ by more than chance
    assert found.has("overdispersed")
    assert fitted.services[0].demand_sd > 0.3
    assert table.loc[("ended", "mean"), "inside"]
    assert not table.loc[("ended", "sd"), "inside"]  # they are handled in larger batches than they come in
    assert found.has("late_arrivals_missing")
    total = table.loc[("total", "mean")]
    assert total["observed"] > 10 * total["simulated"]
    # half of the cases wait more than ten working days before anybody opens them: no queue, but attention
    assert 8 < found.tables["attention"]["noticed"].item() < 20
    assert len(fitted.closed_days) == len(found.tables["closed_days"])  # Dutch days, simulated as such
    assert fitted.units[0].holidays == "own"
