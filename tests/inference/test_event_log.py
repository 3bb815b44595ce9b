"""Claim: an event log yields its published figures, and inputs that say what it cannot tell."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from evaluation_data import shared

from sim.errors import KinerjaError
from sim.inference.desk.event_log import event_log, local_times, on_time
from sim.inference.desk.inputs import absence_bound, fit_absence, fit_arrivals
from sim.inference.desk.service_times import fit_rework, fit_service_time, working_minutes


@pytest.fixture(scope="module")
def receipt():
    return event_log(
        pd.read_csv(shared("receipt_wabo.csv.gz")),
        "case_concept_name",
        "concept_name",
        "time_timestamp",
        officer="org_resource",
        keep=["case_startdate", "case_enddate", "case_deadline"],
        timezone="Europe/Amsterdam",
    )


def test_receipt_wabo_as_published(receipt):
    """CoSeLoG intake log: 1,434 cases, 8,577 events, 27 activities, 48 officers; durations as in data/README."""
    cases = receipt.table()
    assert (len(cases), len(receipt.events)) == (1_434, 8_577)
    assert receipt.events["activity"].nunique() == 27
    assert receipt.events["officer"].nunique() == 48
    assert round(cases["seconds"].mean(), 3) == 467263.915
    assert round(cases["seconds"].max(), 3) == 23832541.524
    assert round(cases["seconds"].sum(), 3) == 670056454.479
    assert round(cases["events"].mean(), 3) == 5.981
    assert round(cases["officers"].mean(), 3) == 1.696


def test_receipt_wabo_deadlines(receipt):
    """Case end known for 1,329, of which 377 after the deadline."""
    result = on_time(receipt.table(), "case_enddate", "case_deadline", timezone="Europe/Amsterdam")
    row = result.table().iloc[0]
    assert (row["known"], row["late"], row["unknown"]) == (1_329, 377, 105)
    assert row["low"] < row["share"] < row["high"]
    assert result.has("end_unknown")


def test_receipt_wabo_says_what_it_cannot_tell(receipt):
    """Completion times only: work is not identified; start dates are stamps: no hourly profile."""
    work = fit_service_time(receipt, "permit", "CoSeLoG")
    row = work.table().set_index("column").loc["work"]
    assert (row["identified"], row["status"]) == ("no", "A")
    assert row["low"] < row["value"] < row["high"]
    assert work.has("work_not_identified")
    starts = local_times(receipt.table(), "case_startdate", "Europe/Amsterdam")
    demand = fit_arrivals(starts, "permit", "CoSeLoG")
    assert demand.has("hours_not_identified")
    assert not demand.table()["row"].str.contains("/hour/").any()
    months = demand.table()[demand.table()["row"].str.contains("/month/")]
    assert (months["identified"] == "no").all()  # sixteen months: no month seen twice by design
    total = demand.table().iloc[0]
    assert total["value"] == pytest.approx(1434 / len(demand.data))
    assert absence_bound(receipt, "desk", "CoSeLoG").table()["identified"].item() == "bound"
    errors = fit_rework(receipt, ["T03 Adjust confirmation of receipt"], "permit", "CoSeLoG").table().iloc[0]
    assert errors["value"] == pytest.approx(37 / 1434)


def small(**columns):
    rows = {"case": [1, 1, 2], "what": ["in", "out", "in"], "who": ["a", "a", "b"]}
    rows["when"] = ["2025-01-06 09:00", "2025-01-06 10:00", "2025-01-07 09:00"]
    return pd.DataFrame(rows | columns)


def test_elapsed_time_does_not_jump_with_summer_time():
    """In Amsterdam the clock skips 02:00 to 03:00 on 27 March 2011: 01:30 to 03:30 is one hour."""
    rows = pd.DataFrame(
        {"case": [1, 1], "what": ["in", "out"], "when": ["2011-03-27T01:30+01:00", "2011-03-27T03:30+02:00"]}
    )
    log = event_log(rows, "case", "what", "when", timezone="Europe/Amsterdam")
    assert log.table()["seconds"].item() == 3600.0
    assert log.events["time"].dt.hour.tolist() == [1, 3]


def test_measured_work_by_hand():
    """Friday 15:30 to Monday 09:00 is 90 working minutes; the noon to 12:45 piece adds 45."""
    rows = pd.DataFrame(
        {
            "case": [1, 1, 2, 3],
            "what": list("xyxx"),
            "from": ["2025-01-10 15:30", "2025-01-14 12:00", "2025-01-15 08:00", "2025-01-16 09:00"],
            "to": ["2025-01-13 09:00", "2025-01-14 12:45", "2025-01-15 09:00", "2025-01-16 10:30"],
        }
    )
    found = fit_service_time(event_log(rows, "case", "what", "to", start="from"), "s", "log")
    assert found.data["minutes"].tolist() == [135.0, 60.0, 90.0]
    row = found.table().set_index("column").loc["work"]
    assert row["value"] == pytest.approx(95.0)
    assert (row["identified"], row["status"]) == ("yes", "D")


def measured(minutes: np.ndarray, officers: np.ndarray):
    """A log of cases that take so long, each on a day of its own from eight on."""
    start = pd.Timestamp("2025-01-06 08:00") + pd.to_timedelta(np.arange(len(minutes)), "D")
    rows = pd.DataFrame({"case": range(len(minutes)), "what": "x", "who": officers, "from": start})
    rows["to"] = rows["from"] + pd.to_timedelta(minutes, "min")
    log = event_log(rows, "case", "what", "to", officer="who", start="from")
    found = fit_service_time(
        log, "s", "log", clock=lambda t: (t - t.dt.normalize()).dt.total_seconds().to_numpy() / 60
    )
    return found, found.table().set_index("column")


def test_work_is_the_mean_of_cases_whoever_does_more_weighs_more():
    """Two quick officers do 300 cases of 10 minutes each, three slow ones 20 of 30: the desk's work is 11.8, not 22."""
    rng = np.random.default_rng(11)
    officers = np.repeat(list("abcde"), [300, 300, 20, 20, 20])
    work = np.where(np.isin(officers, ["a", "b"]), 10.0, 30.0) * rng.lognormal(-0.02, 0.2, len(officers))
    _, rows = measured(work, officers)
    assert rows.loc["work", "value"] == pytest.approx(work.mean())
    assert rows.loc["work", "value"] == pytest.approx((600 * 10 + 60 * 30) / 660, rel=0.02)
    assert rows.loc["work", "low"] < rows.loc["work", "value"] < rows.loc["work", "high"]
    # pace is no variation of the work
    assert rows.loc["work_cv", "value"] == pytest.approx(np.sqrt(np.expm1(0.04)), rel=0.08)
    assert rows.loc["work_cv", "method"] == "lognormal"


@pytest.mark.parametrize("seed", range(4))
def test_moments_where_the_lognormal_fails(seed):
    """Exponential work has a coefficient of variation of 1; a lognormal fitted to its logarithms says 2.05."""
    work = np.random.default_rng(seed).exponential(20, 1500) + 1e-3
    found, rows = measured(work, np.tile(list("abc"), 500))
    assert found.has("not_lognormal")
    row = rows.loc["work_cv"]
    assert row["method"] == "moments"
    assert row["low"] < 1.0 < row["high"]
    assert row["high"] - row["low"] < 0.2


def test_a_few_cases_of_no_minutes_count_as_such_and_many_are_refused():
    work = np.full(100, 20.0) + np.arange(100) / 10
    work[:10] = 0.0
    found, rows = measured(work, np.tile(list("abcd"), 25))
    assert found.has("zero_work")
    assert rows.loc["work", "value"] == pytest.approx(work.mean())
    assert rows.loc["work_cv", "value"] == pytest.approx(work.std() / work.mean(), rel=0.1)
    work[:30] = 0.0
    with pytest.raises(KinerjaError, match="30 of 100 cases take no working time"):
        measured(work, np.tile(list("abcd"), 25))


def test_holidays_do_not_count_as_work():
    start, end = (pd.Series(pd.to_datetime([t])) for t in ("2025-01-09 15:00", "2025-01-13 09:00"))
    assert working_minutes(start, end).item() == 60 + 480 + 60
    assert working_minutes(start, end, holidays=["2025-01-10"]).item() == 120


def test_two_things_at_once_are_noted():
    rows = pd.DataFrame({"case": range(6), "what": "x", "who": "a"})
    rows["from"] = pd.to_datetime("2025-01-06 09:00") + pd.to_timedelta(np.arange(6) * 5, "min")
    rows["to"] = rows["from"] + pd.to_timedelta([20, 25, 22, 21, 24, 23], "min")
    log = event_log(rows, "case", "what", "to", officer="who", start="from")
    assert fit_service_time(log, "s", "log").has("overlap")


def test_weekday_profile_by_hand():
    days = pd.bdate_range("2025-01-06", periods=50)
    times = pd.Series(
        [d + pd.Timedelta(hours=9, minutes=7 * k) for d in days for k in range(6 if d.dayofweek == 0 else 1)]
    )
    table = fit_arrivals(times, "s", "register").table().set_index("row")
    assert table.loc["s", "value"].iloc[0] == pytest.approx(2.0)
    assert table.loc["s/weekday/1", "value"] == pytest.approx(3.0)
    assert table.loc["s/weekday/2", "value"] == pytest.approx(0.5)


def test_arrivals_on_closed_days_wait_for_the_next_open_one():
    weekdays = pd.Series(pd.bdate_range("2025-01-06", periods=20)) + pd.Timedelta(hours=10)
    weekend = pd.Series(pd.to_datetime(["2025-01-11 10:00", "2025-01-18 11:00"]))
    found = fit_arrivals(pd.concat([weekdays, weekend]), "s", "register")
    assert found.has("closed_days")
    counts = found.data.set_index("day")["arrivals"]
    assert counts[pd.Timestamp("2025-01-13")] == 2


def test_clustered_arrivals_are_noted():
    days = pd.bdate_range("2025-01-06", periods=40)
    times = pd.Series(np.repeat(days[::4].to_numpy(), 20)) + pd.to_timedelta(
        np.tile(np.arange(20) * 20, 10), "min"
    )
    assert fit_arrivals(pd.concat([times, pd.Series(days) + pd.Timedelta(hours=9)]), "s", "x").has(
        "overdispersed"
    )


def test_a_strong_profile_alone_is_no_clustering():
    """Twelve on Mondays, two on other days, Poisson: raw variance is four times the mean, around the profile one."""
    rng = np.random.default_rng(12)
    days = pd.bdate_range("2025-01-06", periods=150)
    count = rng.poisson(np.where(days.day_of_week == 0, 12, 2))
    times = pd.Series(np.repeat(days.to_numpy(), count) + np.timedelta64(9, "h"))
    times += pd.to_timedelta(rng.integers(0, 300, len(times)), "min")
    assert count.var() / count.mean() > 3
    assert not fit_arrivals(times, "s", "x").has("overdispersed")
    doubled = pd.concat([times, times, times])
    found = fit_arrivals(doubled, "s", "x")
    assert found.has("overdispersed")
    said = next(note.text(lang="en") for note in found.notes if note.key == "overdispersed")
    ratio = float(said.split("is ")[1].split(" times")[0])
    assert ratio == pytest.approx(3.0, abs=0.6)  # three at a time


def test_the_spread_of_days_beyond_chance_comes_back():
    """Days differ by a gamma factor of SD .5 around a weekly profile: found; days that are Poisson have none."""
    rng, days = np.random.default_rng(13), pd.bdate_range("2025-01-06", periods=250)
    mean = np.where(days.day_of_week == 0, 24.0, 12.0)

    def found(factor: np.ndarray) -> pd.Series:
        count = rng.poisson(mean * factor)
        times = pd.Series(np.repeat(days.to_numpy(), count) + np.timedelta64(9, "h"))
        return fit_arrivals(times, "s", "x").table().set_index("column").loc["demand_sd"]

    some = found(rng.gamma(4, 1 / 4, len(days)))
    assert some["low"] < 0.5 < some["high"]
    assert some["value"] == pytest.approx(0.5, abs=0.08)
    none = found(np.ones(len(days)))
    assert (none["value"], none["low"]) == (0.0, 0.0)


def test_open_days_may_be_given_one_by_one():
    """A Saturday service closed on Wednesdays: Saturday has a factor, and Wednesday's requests wait for Thursday."""
    span = np.arange("2025-01-06", "2025-03-17", dtype="M8[D]")
    weekday = (span.astype(int) + 3) % 7 + 1
    open_days = span[~np.isin(weekday, (3, 7))]
    times = pd.Series(np.repeat(span[weekday < 7], 2) + np.timedelta64(10, "h"))
    table = fit_arrivals(times, "s", "x", days=open_days).table().set_index("row")
    assert [r for r in table.index if "/weekday/" in r] == [f"s/weekday/{k}" for k in (1, 2, 4, 5, 6)]
    assert table.loc["s", "value"].iloc[0] == pytest.approx(12 / 5)
    assert table.loc["s/weekday/4", "value"] == pytest.approx(4 / 2.4)
    with pytest.raises(KinerjaError, match="after the last open day, 2025-03-01"):
        fit_arrivals(times, "s", "x", days=open_days[open_days < np.datetime64("2025-03-02")])


def test_times_in_utc_are_noted():
    """01:00 UTC is nine o'clock in Makassar; nobody is told so by the hour."""
    when = ["2025-03-03T01:00:00Z", "2025-03-03T02:00:00Z", "2025-03-04T01:00:00Z"]
    assert event_log(small(when=when), "case", "what", "when").has("in_utc")
    here = event_log(small(when=when), "case", "what", "when", timezone="Asia/Makassar")
    assert not here.has("in_utc")
    assert here.events["time"].dt.hour.tolist() == [9, 10, 9]


def test_inputs_carry_their_provenance_and_join():
    book = pd.DataFrame({"who": np.repeat(range(5), 10), "here": ([1] * 9 + [0]) * 5})
    book.loc[0, "here"] = 0
    absence = fit_absence(book, "who", "here", "dukcapil", "attendance 2025")
    work = fit_service_time(event_log(small(), "case", "what", "when", officer="who"), "ktp", "desk log")
    both = absence.plus(work)
    assert both.table()["source"].tolist() == ["attendance 2025", "desk log", "desk log"]
    assert both.table()["status"].tolist() == ["D", "A", "A"]
    assert list(both.table().columns[:3]) == ["table", "row", "column"]
    with pytest.raises(KinerjaError, match="fitted twice"):
        absence.plus(absence)
    assert "asumsi" in both.summary(lang="id")
    assert "an assumption" in both.summary(lang="en")


def test_bad_logs_are_refused():
    with pytest.raises(KinerjaError, match="repeat another"):
        event_log(pd.concat([small(), small().iloc[[0]]]), "case", "what", "when", officer="who")
    with pytest.raises(KinerjaError, match="are not dates"):
        event_log(small(when=["soon", "2025-01-06", "2025-01-07"]), "case", "what", "when")
    with pytest.raises(KinerjaError, match="is after when"):
        event_log(small(begin="2026-01-01"), "case", "what", "when", start="begin")
    with pytest.raises(KinerjaError, match="another offset from UTC"):
        event_log(
            small(when=["2025-03-01T09:00+01:00", "2025-06-01T09:00+02:00", "2025-03-02T09:00+01:00"]),
            "case", "what", "when",
        )  # fmt: skip
    with pytest.raises(KinerjaError, match="working time cannot be estimated"):
        fit_service_time(event_log(small(), "case", "what", "when"), "s", "log")
    with pytest.raises(KinerjaError, match="no activity fix"):
        fit_rework(event_log(small(), "case", "what", "when"), ["fix"], "s", "log")
    with pytest.raises(KinerjaError, match="nobody is ever absent"):
        fit_absence(pd.DataFrame({"who": [1, 2, 3], "here": 1}), "who", "here", "u", "x")
    with pytest.raises(KinerjaError, match="working days; at least ten"):
        fit_arrivals(pd.Series(pd.bdate_range("2025-01-06", periods=4)), "s", "x")
