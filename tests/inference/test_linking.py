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
from sim.agency.spec import PERIODS
from sim.errors import KinerjaError
from sim.inference import read_events
from sim.inference.desk.inputs import InputsResult
from sim.inference.desk.posterior_predictive import posterior_predictive
from sim.levers import status_quo
from sim.runs.run import make_world, trace
from sim.twin.desk import check_desk, desk_form, fit_desk, kept_bounds, office_hours, with_inputs
from sim.twin.desk_log import desk_days, log_of
from sim.world import Scenario
from sim.world.service import requests_table

MONTHS, UNIT = 3, "dukcapil"
ROLES = {
    "case": "case",
    "activity": "activity",
    "time": "time",
    "officer": "officer",
    "start": "start",
    "arrived": "arrived",
}


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
        patience = rows.loc[("services", service, "patience")]
        assert patience["low"] <= truth["services", service, "patience"] <= patience["high"], service
    akta = rows.loc[("services", "akta", "work")]
    assert (akta["identified"], akta["side"]) == ("bound", "upper")
    assert akta["high"] > truth["services", "akta", "work"]
    assert (
        "services",
        "akta",
        "work_cv",
    ) not in rows.index  # a bound on the mean says nothing of the variation
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
        key = (row["table"], row["row"], row["column"])
        now = known.loc[key]
        if row["identified"] == "bound":  # never put in as a value
            assert now["value"] == before.loc[key, "value"]
            assert now["status"] == before.loc[key, "status"]
            assert "by desk log 2026" in now["source"]
            continue
        assert now["value"] == pytest.approx(row["value"], rel=1e-9)
        assert now["source"].startswith("desk log 2026")
        assert now["status"] == row["status"]
    untouched = known.index.difference(found.table().set_index(["table", "row", "column"]).index)
    pd.testing.assert_frame_equal(known.loc[untouched], before.loc[untouched], check_exact=False, rtol=1e-9)
    assert ("services", "akta", "work_cv") in untouched


def test_bounds_are_told_and_what_they_contradict_is_refused(
    office: tuple[pd.DataFrame, pd.DataFrame], found: InputsResult
) -> None:
    kept = kept_bounds(_true(), found)
    assert set(kept["column"]) == {"error", "work"}
    assert kept["holds"].all()
    log, book = office
    log = log[log["service"] == "ktp"]
    found = fit_desk(log, _true(), UNIT, source="desk log 2026", attendance=book, level=0.9)
    contoh = _true()
    careless = replace(
        contoh,
        services=tuple(replace(s, error=0.02 if s.service == "ktp" else s.error) for s in contoh.services),
    )
    assert not kept_bounds(careless, found).set_index(["row", "column"]).loc[("ktp", "error"), "holds"]
    with pytest.raises(KinerjaError, match=r"services ktp error is 0\.02, the log shows at least 0\.0"):
        with_inputs(careless, found)
    own = {("services", "ktp", "error"): 0.09}
    known = provenance(with_inputs(careless, found, assume=own)).set_index(["table", "row", "column"])
    assert known.loc[("services", "ktp", "error"), ["value", "status"]].tolist() == [0.09, "A"]
    with pytest.raises(KinerjaError, match="is no bound in these inputs; the bounds are"):
        with_inputs(careless, found, assume={("services", "ktp", "demand"): 90.0})


def test_what_the_log_cannot_tell_stays_an_assumption(office: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    """Work on files from completions alone is not identified; being set aside makes no bound of it."""
    log, _ = office
    poor = fit_desk(log.drop(columns="start"), _true(), UNIT, source="completions")
    rows = poor.table().set_index(["row", "column"])
    assert rows.loc[("akta", "work"), ["identified", "side", "status"]].tolist() == ["no", "", "A"]
    assert rows.loc[(UNIT, "absence"), ["identified", "side"]].tolist() == ["bound", "upper"]
    assert not any(column == "patience" for __, column in rows.index)  # nobody knows how long they waited


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


def test_log_and_simulation_are_cut_at_the_same_dates(monkeypatch: pytest.MonkeyPatch) -> None:
    """A log of whole months, checked from 8 to 17 July only: the days are the same, later events are in neither."""
    seen: list[pd.DataFrame] = []
    scenario = Scenario(start=date(2026, 7, 1), burn_in=0)
    cases = trace(_true(), status_quo(), UNIT, seed=3, months=1, scenario=scenario)
    first, last = date(2026, 7, 8), date(2026, 7, 17)

    def keep(observed: pd.DataFrame, simulated: pd.DataFrame, **more: object) -> object:
        seen.extend([observed, *(part for _, part in simulated.groupby("replication"))])
        return posterior_predictive(observed, simulated, **more)

    monkeypatch.setattr("sim.twin.desk.posterior_predictive", keep)
    monkeypatch.setattr("sim.twin.desk.trace", lambda *_, **__: cases)  # the simulation that wrote the log
    check = check_desk(log_of(cases), _true(), UNIT, first=first, last=last, replications=20, burn_in=0)
    assert len(seen) == 21
    for days in seen[1:]:
        pd.testing.assert_frame_equal(days.drop(columns="replication").reset_index(drop=True), seen[0])
    assert [str(d) for d in seen[0]["day"].iloc[[0, -1]].dt.date] == [str(first), str(last)]
    assert check.table()["inside"].all()
    whole = desk_days(log_of(cases))
    assert seen[0]["ended"].sum() < whole["ended"].sum()
    # those who arrived on the last days and were served later are in neither
    late = whole.set_index("day").loc[str(last), "arrivals"]
    assert seen[0]["arrivals"].iloc[-1] < late


def test_an_office_of_its_own_hours_through_the_whole_road(tmp_path: Path) -> None:
    """Monday to Friday from 9:00: hours, shifts and route come with the inputs, minutes are counted in them."""
    rng, rows = np.random.default_rng(4), []
    days = pd.date_range("2026-08-03", periods=70)
    for day in days[days.day_of_week < 5]:
        for k in range(int(rng.poisson(20))):
            at = day + pd.Timedelta(hours=9, minutes=float(rng.uniform(0, 240)))
            done = at + pd.Timedelta(minutes=float(rng.uniform(5, 30)))
            who = "ab"[k % 2]
            rows += [
                (len(rows), "check", who, at, done),
                (len(rows), "no", who, done, done + pd.Timedelta(minutes=5)),
            ]
    case, what, who, start, time = zip(*rows, strict=True)
    frame = pd.DataFrame(
        {"case": np.array(case) // 2, "activity": what, "officer": who, "start": start, "time": time}
    )
    frame["arrived"] = frame.groupby("case")["start"].transform("min") - pd.Timedelta(days=1)
    frame.to_csv(tmp_path / "log.csv", index=False)
    log = read_events(tmp_path / "log.csv", **ROLES)
    assert set(log["activity"]) == {"check", "no"}  # a status "no" stays "no"
    hours = office_hours(log, "izin")
    assert hours.hours["open"].tolist() == ["09:00"] * 5
    form = desk_form(log, _true(), "izin", hours=hours)
    assert (form.units[0].officers, form.services[0].staff, form.services[0].channel) == (3, 3, "file")
    found = fit_desk(log, form, "izin", source="log", hours=hours)
    assert list(found.tables) == ["attention", "steps", "moves", "hours", "closed_days", "shifts"]
    assert found.tables["steps"]["step"].tolist() == ["check", "no"]
    assert found.tables["attention"]["noticed"].item() == pytest.approx(1.0, abs=0.1)
    assert set(found.tables["shifts"].query("`from` < '12:30'")["on_duty"]) == {2}
    with pytest.raises(KinerjaError, match="services izin work is 50, the log shows at most 22"):
        with_inputs(form, found, name="izin")  # the form's number is not this office's
    own = {("services", "izin", "work"): 20.0, ("units", "izin", "absence"): 0.0}
    fitted = load_agency(write_agency(with_inputs(form, found, name="izin", assume=own), tmp_path / "izin"))
    check = check_desk(log, fitted, "izin", hours=hours, replications=20, burn_in=0)
    assert (fitted.units[0].holidays, len(fitted.hours), fitted.hours[0].open) == ("own", 5, "09:00")
    own = check_desk(log, fitted, "izin", replications=20, burn_in=0)  # the agency knows its hours now
    pd.testing.assert_frame_equal(own.table(), check.table())
    table = check.table().set_index(["column", "statistic"])
    assert table.loc[("arrivals", "mean"), "inside"]
    assert not table.loc[("waiting", "mean"), "inside"]  # a day of waiting for attention is no queue


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
    with pytest.raises(KinerjaError, match=r"no role 'officers'\. Is 'officer' meant"):
        fit_desk(log, _true(), UNIT, source="log", columns={"officers": "officer"})
    with pytest.raises(KinerjaError, match="no column 'arivals', which columns= gives for arrived"):
        fit_desk(log, _true(), UNIT, source="log", columns={"arrived": "arivals"})
    with pytest.raises(KinerjaError, match="no activity fixed; there are begun, corrected, left, served"):
        fit_desk(log, _true(), UNIT, source="log", corrections=["fixed"])
    with pytest.raises(KinerjaError, match="no activity gone"):
        fit_desk(log, _true(), UNIT, source="log", gave_up=["gone"])
    with pytest.raises(KinerjaError, match="is empty"):
        fit_desk(
            log.assign(service=log["service"].where(log["service"] != "kk")), _true(), UNIT, source="log"
        )
    with pytest.raises(KinerjaError, match="no event from 2030-01-01"):
        desk_days(log, first=date(2030, 1, 1))
    most = PERIODS["weekday"]
    with pytest.raises(KinerjaError, match=f"weekday goes from 1 to {most}"):
        saturday = found.table().assign(row=f"ktp/weekday/{most + 1}").query("table == 'demand'").head(1)
        with_inputs(_true(), replace(found, estimates=saturday))
    strange = replace(found, estimates=found.table().assign(row="paspor").head(1))
    with pytest.raises(KinerjaError, match="has no paspor"):
        with_inputs(_true(), strange)
    rating = replace(found, estimates=found.table().assign(table="ratings").head(1))
    with pytest.raises(KinerjaError, match="ratings is not a table"):
        with_inputs(_true(), rating)
    absurd = replace(found, estimates=found.table().assign(value=-3.0).head(1))
    with pytest.raises(KinerjaError, match=r"demand .3 is outside"):
        with_inputs(_true(), absurd)
