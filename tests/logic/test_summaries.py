"""Claim: every summary (of a month, a year, a unit, the agency) is the mean over the requests, complaints and officers
themselves, whatever the policy.

The logs are taken from the desks and from the officers while the world runs; nothing is read from the recorder but what
no log holds (a unit's Gini index, say), and how often that counts is taken from the logs, too.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from sim.agency import load_agency
from sim.desk import DONE, LEFT, LOST
from sim.levers import (
    Appraisal,
    Careers,
    CitizenVoice,
    ComplaintHandling,
    Dashboard,
    DigitalServices,
    Discipline,
    Feedback,
    Kpi,
    NeedsAssessment,
    Policy,
    ProgrammeOutreach,
    Reward,
    Training,
    status_quo,
)
from sim.outcomes import BASES, OUTCOMES, across_months, across_units
from sim.runs.run import make_world
from sim.world import Scenario

MONTHS = 13
MINUTE, DAY = 60_000, 450 * 60_000
COMING_AND_GOING = Careers(exits=0.6, vacancy=2)
POLICIES = {
    "turnover": status_quo().plus(COMING_AND_GOING, Appraisal(every="month")),
    "everything": status_quo().plus(
        COMING_AND_GOING,
        Appraisal(peers=0.3, citizens=0.2, measured=0.5, distribution="forced"),
        CitizenVoice(every="quarter", publish=True, standard=0.8),
        ComplaintHandling(staff=0.1, discard=0.2),
        Dashboard(acted_on=0.5),
        DigitalServices(share=0.6, months=2, platform=10),
        Discipline(recorded=1.0, enforcement=0.8),
        Feedback(supervisor=12),
        Kpi(),
        NeedsAssessment(every="quarter"),
        ProgrammeOutreach(),
        Reward(recognition=12),
        Training(course="ict-classroom", seats=40),
    ),
    "nothing": Policy("nothing"),
}


class Logs:
    """What happened in a run: one row per request, job and officer, by month and unit."""

    def __init__(self, world) -> None:
        self.world, self.cases, self.jobs, self.requests, self.officers = world, [], [], [], []
        self.rated, self._now_rated = [], None
        for office in world.offices:
            office.close = partial(self._close, office, office.close)
            office.begin = partial(self._begin, office, office.begin)
        self._end, world.service.close = world.service.close, self._month
        # an appraisal ends with the records on which it rests
        self._forget, world.service.forget = world.service.forget, self._appraised

    def _close(self, office, close, to):
        cases, jobs = close(to)
        month, code = self.month, office.unit.unit
        counter = np.array([*office.is_counter, False])[office.service_of(cases.queue)]
        self.cases.append(cases.frame().assign(month=month, unit=code, counter=counter))
        self.jobs.append(jobs.frame().assign(month=month, unit=code))
        return cases, jobs

    def _begin(self, office, begin, month, requests, *state):
        service = requests.id >> 52
        came_for = np.array([s.channel == "counter" for s in office.services])[service]
        here = month - self.world.scenario.burn_in + 1
        moved = office.service_of(requests.queue) != service
        rows = {"month": here, "unit": office.unit.unit, "counter": came_for, "moved": moved}
        self.requests.append(pd.DataFrame(rows).assign(online=office.online_service is not None))
        begin(month, requests, *state)

    def _appraised(self):
        officers = self.world.officers
        self._now_rated = np.bincount(officers.unit[officers.person >= 0], minlength=len(self.units))
        self._forget()

    @property
    def units(self):
        return [unit.unit for unit in self.world.agency.units]

    def _month(self, month):
        self.month, world = month, self.world
        officers, people = world.officers, world.people
        serves = np.concatenate([self._serves(i, rows) for i, rows in enumerate(officers.slices)])
        self.officers.append(
            pd.DataFrame(
                {
                    "month": month,
                    "unit": np.array(self.units, object)[officers.unit],
                    "days": np.diff(world.calendar.month_first_day)[world.scenario.burn_in + month - 1],
                    "absent": world.roster.absent_days,
                    "present": world.service._present * serves,
                    "performance": people.truth,
                    "skill": (people.skill * people.mix).sum(axis=1),
                    "motivation": people.motivation,
                }
            )[officers.person >= 0]
        )
        if self._now_rated is not None:
            self.rated.append(pd.DataFrame({"month": month, "unit": self.units, "n": self._now_rated}))
        self._end(month)

    def _serves(self, index, rows):
        desk = [office.on_desk for office in self.world.offices if office.index == index]
        return desk[0] if desk else np.zeros(rows.stop - rows.start, bool)


def items(world, logs, cells):
    """Return what each mean and share is over: outcome -> rows of month, unit, value and how often each counts."""
    cases, jobs, requests, officers = (
        pd.concat(part, ignore_index=True) for part in (logs.cases, logs.jobs, logs.requests, logs.officers)
    )

    def rows(table, value, n=1.0):
        return pd.DataFrame({"month": table["month"], "unit": table["unit"], "value": value, "n": n})

    done, request = cases["status"] == DONE, cases["parent"] < 0
    counter = cases[request & done & cases["counter"]]
    file = cases[request & done & ~cases["counter"]]
    complaint = cases[~request]
    answered = complaint[complaint["status"] == DONE]
    online = requests[requests["online"] & requests["counter"]]
    out = {
        "waiting_minutes": rows(counter, (counter["first_start"] - counter["arrival"]) / MINUTE),
        "response_days": rows(file, (file["finish"] - file["arrival"]) / DAY),
        "error_rate": rows(jobs[jobs["attempt"] == 1], jobs.loc[jobs["attempt"] == 1, "error"].astype(float)),
        "complaint_days": rows(answered, (answered["finish"] - answered["arrival"]) / DAY),
        "complaints_in_time": rows(answered, (answered["finish"] <= answered["due"]).astype(float)),
        "complaints_discarded": rows(complaint, (complaint["status"] != DONE).astype(float)),
        "digital_share": rows(online, online["moved"].astype(float)),
        "absence": rows(officers, officers["absent"] / officers["days"], officers["days"]),
    }
    for name in ("performance", "skill", "motivation"):
        out[name] = rows(officers, officers[name])
    worked = jobs.groupby(["month", "unit"])["service"].sum()
    present = officers.groupby(["month", "unit"])["present"].sum()
    busy = (worked / present).reindex(present.index).reset_index(name="value")
    out["utilisation"] = rows(busy, busy["value"], present.to_numpy())
    programmes = {p.unit: p for p in world.agency.programmes}
    posts = {unit.unit: unit.officers for unit in world.agency.units}
    target = {code: p.caseload * posts[code] / p.participation for code, p in programmes.items()}
    out["participation"] = rows(cells, cells["participation"], cells["unit"].map(target))
    # what no log holds: the unit's value, as often as it has officers, or citizens served, or officers rated
    served = cases[request & done].groupby(["month", "unit"]).size()
    rated = pd.concat(logs.rated).set_index(["month", "unit"])["n"] if logs.rated else pd.Series(dtype=float)
    often = {"served": served, "officers": officers.groupby(["month", "unit"]).size(), "rated": rated}
    at = list(zip(cells["month"], cells["unit"], strict=True))
    for name, base in BASES.items():
        if name not in out:
            count = np.array([often[base].get(key, 0.0) for key in at], float)
            out[name] = rows(cells, cells[name], count)
    return out


def counts(logs):
    """Return what the counts count, as far as logs hold it: outcome -> rows of month and unit, or their numbers."""
    cases, jobs, requests, officers = (
        pd.concat(part, ignore_index=True) for part in (logs.cases, logs.jobs, logs.requests, logs.officers)
    )
    request, done = cases["parent"] < 0, cases["status"] == DONE
    return {
        "arrivals": requests,
        "served": cases[request & done],
        "served_counter": cases[request & done & cases["counter"]],
        "files_completed": cases[request & done & ~cases["counter"]],
        "left": cases[request & cases["status"].isin([LEFT, LOST])],
        "complaints_ended": cases[~request],
        "complaints_answered": cases[~request & done],
        "answers": jobs[jobs["attempt"] == 1],
        "could_go_online": requests[requests["online"] & requests["counter"]],
        "officer_days": officers.loc[officers.index.repeat(officers["days"])],
    }


def added(table, units, value=1.0):
    """Return the sum of a value over the rows of each month and unit; float64[months, units]."""
    total = np.zeros((MONTHS, len(units)))
    number = {unit: k for k, unit in enumerate(units)}
    at = table["month"].to_numpy(int) - 1, table["unit"].map(number).to_numpy(int)
    np.add.at(total, at, np.broadcast_to(value, len(table)))
    return total


def quotient(part, whole):
    return np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=np.asarray(whole) > 0)


@pytest.mark.parametrize("policy", POLICIES)
@settings(max_examples=2, deadline=None, phases=[Phase.generate])  # shrinking a seed would take minutes
@given(seed=st.integers(0, 2**31))
def test_every_summary_is_the_mean_over_the_logs(policy, seed):
    agency = load_agency("contoh")
    # units of unlike size
    agency = replace(
        agency, units=(replace(agency.units[0], pppk=agency.units[0].pppk + 4), *agency.units[1:])
    )
    scenario = Scenario(burn_in=4, demand=0.1)
    world = make_world(agency, POLICIES[policy], seed=seed, months=MONTHS, scenario=scenario)
    logs = Logs(world)
    world.run()
    units = logs.units
    cells, summary = world.recorder.outcomes(), world.recorder.summary()
    by_month = across_units(cells, ["month"])
    by_unit = across_months(cells, ["unit"]).set_index("unit").loc[units]
    found = items(world, logs, cells)
    assert set(found) == set(BASES)

    def agree(name, one, other, where):
        assert np.asarray(one) == pytest.approx(other, rel=1e-9, abs=1e-11, nan_ok=True), (name, where)

    for name, rows in found.items():
        known = rows[rows["value"].notna() & (rows["n"] > 0)]
        count = added(known, units, known["n"])
        total = added(known, units, known["value"] * known["n"])
        agree(name, cells[name].where(count.ravel() > 0), quotient(total, count).ravel(), "cells")
        agree(name, by_month[name], quotient(total.sum(axis=1), count.sum(axis=1)), "months")
        for first, last in ((1, MONTHS), (MONTHS - 11, MONTHS)):
            table = summary[summary["window"] == f"{first}-{last}"].set_index("unit")[name]
            first = last if OUTCOMES[name].months == "last" else first
            part, whole = (x[first - 1 : last].sum(axis=0) for x in (total, count))
            agree(name, table[units], quotient(part, whole), last)
            agree(name, table["*"], quotient(part.sum(), whole.sum()), last)
            if last - first + 1 != 12:
                agree(name, by_unit[name], quotient(part, whole), "units")

    logged = counts(logs)
    table = summary[(summary["window"] == f"1-{MONTHS}")].set_index("unit")
    for name in OUTCOMES.keys() - BASES.keys():
        outcome = OUTCOMES[name]
        monthly = cells.groupby("month")[name].sum(min_count=1).dropna()
        if outcome.months == "exact":
            rows = found[{"waiting_p90": "waiting_minutes", "complaint_p90_days": "complaint_days"}[name]]
            value = np.percentile(rows["value"].astype(np.float32), 90) if len(rows) else np.nan
            assert table.loc["*", name] == pytest.approx(value, rel=1e-5, nan_ok=True), name
        elif not len(monthly):
            assert np.isnan(table.loc["*", name]), name
        else:
            assert outcome.units == "sum", name
            value = {"sum": monthly.sum(), "mean": monthly.mean(), "last": monthly.iloc[-1]}[outcome.months]
            agree(name, table.loc["*", name], value, "*")
        if name in logged:
            agree(name, cells[name].fillna(0.0), added(logged[name], units).ravel(), "log")


def test_every_mean_has_a_base_which_is_counted_and_nothing_else_has_one():
    means = {name for name, outcome in OUTCOMES.items() if "mean" in (outcome.units,)}
    assert means == set(BASES)
    for name, base in BASES.items():
        assert OUTCOMES[name].weight == base
        assert OUTCOMES[base].units == "sum", base
        assert OUTCOMES[base].weight is None, base
        assert OUTCOMES[base].months in ("sum", "mean"), base
