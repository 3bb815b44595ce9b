"""Claim: a log that the simulated desk wrote gives back the agency it was made with, which then looks like the log.

The whole path: event log (CSV) -> demand, work, errors, absence -> agency folder with provenance -> simulated
months -> predictive check.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.agency import Agency, load_agency, provenance, write_agency
from sim.errors import KinerjaError
from sim.inference import read_events
from sim.inference.desk.inputs import InputsResult
from sim.levers import status_quo
from sim.runs.run import make_world
from sim.twin.desk import check_desk, fit_desk, with_inputs
from sim.twin.desk_log import desk_days, log_of
from sim.world import Scenario
from sim.world.service import requests_table

MONTHS, UNIT = 3, "dukcapil"
ROLES = {"case": "case", "activity": "activity", "time": "time", "officer": "officer"}


def _true() -> Agency:
    """The example agency, its demand as it stands (no stated busyness)."""
    contoh = load_agency("contoh")
    return replace(contoh, units=tuple(replace(u, utilisation=None) for u in contoh.units))


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Log, read from its CSV file, and attendance of three months, July to September."""
    scenario = Scenario(start=date(2026, 7, 1), burn_in=6)
    world = make_world(_true(), status_quo(), seed=11, months=MONTHS, scenario=scenario)
    world.service.traced = (UNIT, [])
    rows = world.officers.slices[0]
    book = []
    for month in range(6, 6 + MONTHS):
        world.env.run(until=int(world.calendar.month_start[month]) + 1)
        days = int(np.diff(world.calendar.month_first_day)[month])
        absent = world.roster.absent_days[rows].astype(int)
        present = np.arange(days) >= absent[:, None]
        who = np.repeat(np.arange(len(absent)), days)
        book.append(pd.DataFrame({"officer": who, "present": present.ravel().astype(int), "month": month}))
    world.run()
    path = tmp_path_factory.mktemp("desk") / "log.csv"
    log_of(requests_table(world.offices[0], world.service.traced[1])).to_csv(path, index=False)
    return read_events(path, **ROLES), pd.concat(book, ignore_index=True)


@pytest.fixture(scope="module")
def found(office: tuple[pd.DataFrame, pd.DataFrame]) -> InputsResult:
    log, book = office
    return fit_desk(log, _true(), UNIT, source="desk log 2026", attendance=book, level=0.9999)


def test_the_log_gives_back_what_the_agency_was_made_with(found: InputsResult) -> None:
    """Each of some seventy identified numbers inside its 99.99 % interval."""
    truth = provenance(_true()).set_index(["table", "row", "column"])["value"]
    rows = found.table().set_index(["table", "row", "column"])
    for service in ("ktp", "kk", "akta", "daring"):
        demand = rows.loc[("services", service, "demand")]
        assert demand["low"] <= truth["services", service, "demand"] <= demand["high"], service
        for kind, count in (("weekday", 5), ("hour", 8)):
            for k in range(1, count + 1):
                r = rows.loc[("demand", f"{service}/{kind}/{k}", "factor")]
                assert r["low"] <= truth["demand", f"*/{kind}/{k}", "factor"] <= r["high"], (service, kind, k)
        error = rows.loc[("services", service, "error")]
        assert error["low"] <= truth["services", service, "error"] <= error["high"], service
        assert error["identified"] == "bound"
    for service in ("ktp", "kk"):  # at the counter a case is done in one go
        r = rows.loc[("services", service, "work")]
        assert r["low"] <= truth["services", service, "work"] <= r["high"], service
        assert r["identified"] == "yes"
        # an officer's pace moves from month to month, and what is done after closing is cut off: 5 % are allowed
        cv = rows.loc[("services", service, "work_cv"), "value"]
        assert cv == pytest.approx(truth["services", service, "work_cv"], rel=0.05)
    assert rows.loc[("services", "akta", "work"), "identified"] == "bound"
    absence = rows.loc[("units", UNIT, "absence")]
    assert absence["low"] <= truth["units", UNIT, "absence"] <= absence["high"]
    assert found.has("set_aside")
    assert found.has("errors_seen")


def test_the_fitted_agency_says_where_its_numbers_come_from(found: InputsResult, tmp_path: Path) -> None:
    fitted = load_agency(
        write_agency(with_inputs(_true(), found, name="seen", label="As seen"), tmp_path / "seen")
    )
    assert (fitted.name, fitted.label) == ("seen", "As seen")
    known = provenance(fitted).set_index(["table", "row", "column"])
    before = provenance(_true()).set_index(["table", "row", "column"])
    for row in found.table().to_dict("records"):
        now = known.loc[(row["table"], row["row"], row["column"])]
        assert now["value"] == pytest.approx(row["value"], rel=1e-9)
        assert now["source"].startswith("desk log 2026")
        assert now["status"] == row["status"]
    untouched = known.index.difference(found.table().set_index(["table", "row", "column"]).index)
    pd.testing.assert_frame_equal(known.loc[untouched], before.loc[untouched], check_exact=False, rtol=1e-9)
    assert ("services", "ktp", "patience") in untouched


def test_simulated_months_of_the_fitted_agency_look_like_the_log(
    office: tuple[pd.DataFrame, pd.DataFrame], found: InputsResult
) -> None:
    log, _ = office
    fitted = with_inputs(_true(), found)
    check = check_desk(log, fitted, UNIT, replications=24)
    assert set(check.table()["column"]) == {"arrivals", "ended", "waiting"}
    beyond_all = check.table()["p"] < 2.5 / 25
    assert beyond_all.sum() <= 1, check.table().to_string()
    assert "statistics of the data lie within" in check.summary(lang="en")
    busier = with_inputs(_true(), replace(found, estimates=found.table().assign(
        value=found.table()["value"].where(found.table()["column"] != "demand", found.table()["value"] * 1.2)
    )))  # fmt: skip
    wrong = check_desk(log, busier, UNIT, replications=20).table().set_index(["column", "statistic"])
    assert wrong.loc[("arrivals", "mean"), "p"] == pytest.approx(2 / 21)  # below every simulated month


def test_days_by_hand() -> None:
    """Two arrive on Monday 6 July, one of whom is served on Tuesday: 45 minutes to closing, 15 of the morning."""
    log = pd.DataFrame({
        "case": [1, 2, 3], "activity": "served", "officer": "a",
        "arrived": ["2026-07-06 08:00", "2026-07-06 15:30", "2026-07-08 09:00"],
        "start": ["2026-07-06 08:10", "2026-07-07 07:45", "2026-07-08 09:00"],
        "time": ["2026-07-06 08:30", "2026-07-07 08:00", "2026-07-08 09:30"],
    })  # fmt: skip
    days = desk_days(log)
    assert days["arrivals"].tolist() == [2.0, 0.0, 1.0]
    assert days["ended"].tolist() == [1.0, 1.0, 1.0]
    np.testing.assert_allclose(days["waiting"], [(10 + 45 + 15) / 2, 0.0, 0.0])


def test_seasons_the_log_cannot_show_are_kept_and_taken_out_of_the_demand() -> None:
    """Three in December, when twice as many come as usual: an ordinary day has half of them."""
    busy = _true().demand[:5]
    december = replace(busy[0], service="*", period="month", index=12, factor=2.0)
    agency = replace(_true(), demand=(december,))
    days = pd.bdate_range("2026-12-01", "2026-12-23")
    log = pd.DataFrame({
        "case": range(4 * len(days)), "service": "ktp", "activity": "served",
        "officer": np.tile(list("abcd"), len(days)),
        "arrived": np.repeat(days, 4) + pd.to_timedelta(np.tile([8, 9, 10, 11], len(days)), "h"),
    })  # fmt: skip
    log["start"] = log["arrived"]
    log["time"] = log["start"] + pd.to_timedelta(
        np.random.default_rng(1).lognormal(2.5, 0.5, len(log)), "min"
    )
    found = fit_desk(log, agency, UNIT, source="log")
    row = found.table()[found.table()["column"] == "demand"].iloc[0]
    assert row["value"] == pytest.approx(2.0)
    assert "mean seasonal factor 2" in row["method"]


def test_what_does_not_fit_is_named(office: tuple[pd.DataFrame, pd.DataFrame], found: InputsResult) -> None:
    log, _ = office
    with pytest.raises(KinerjaError, match="dukcapil has no service paspor; there are ktp, kk, akta, daring"):
        fit_desk(log.assign(service="paspor"), _true(), UNIT, source="log")
    with pytest.raises(KinerjaError, match="no column service, and dukcapil has the services"):
        fit_desk(log.drop(columns="service"), _true(), UNIT, source="log")
    with pytest.raises(KinerjaError, match="no column activity"):
        desk_days(log.drop(columns="activity"))
    strange = replace(found, estimates=found.table().assign(row="paspor").head(1))
    with pytest.raises(KinerjaError, match="has no paspor"):
        with_inputs(_true(), strange)
    rating = replace(found, estimates=found.table().assign(table="ratings").head(1))
    with pytest.raises(KinerjaError, match="ratings is not a table"):
        with_inputs(_true(), rating)
    absurd = replace(found, estimates=found.table().assign(value=-3.0).head(1))
    with pytest.raises(KinerjaError, match="demand -3 is outside"):
        with_inputs(_true(), absurd)
