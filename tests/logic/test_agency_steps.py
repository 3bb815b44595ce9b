"""Claim: steps of a service are checked like all data, in files and in Python, and counted in who works how much."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from agency_files import folder, put, with_route, workbook
from route_agency import PERMIT, permit_agency, step, with_steps

from sim import status_quo
from sim.agency import (
    Agency,
    Doubt,
    Step,
    check_agency,
    daily_work,
    eligibility,
    flow,
    implied_utilisation,
    load_agency,
    profile,
    route,
    routes_of,
    write_agency,
)
from sim.agency.frames import problems_of
from sim.agency.routes import ATTEMPTS, ways
from sim.errors import Problem, Problems
from sim.runs.run import simulate
from sim.twin.trial import enlarged

CONTOH = load_agency("contoh")
KTP = CONTOH.services[0]

WRONG = [
    # row and column of the steps table, value -> table, column and words of the problem
    (3, "service", "ktpp", "steps", "service", "no service 'ktpp'.*'ktp' meant"),
    (3, "place", "desk", "steps", "place", "not a choice.*counter, file, online"),
    (3, "who", "verifyer", "steps", "who", "'verifier' meant"),
    (3, "staff", "0", "steps", "staff", "out of range.*from 1"),
    (3, "staff", "1.5", "steps", "staff", "whole number"),
    (3, "staff", "16", "steps", "staff", "16 officers do it, but the unit has 15"),
    (3, "staff", "9", "steps", "staff", "9 officers verify it, but only 8 are not its front line"),
    (3, "work", "", "steps", "work", "empty.*25"),
    (3, "work", "-1", "steps", "work", "negative"),
    (3, "work", "20", "services", "work", "18.1 minutes, but its steps take 30.1.*Write 30.1"),
    (3, "work_cv", "4", "steps", "work_cv", "0 to 3"),
    (3, "error", "0.7", "steps", "error", "0 to 0.6"),
    (3, "returns_to", "sign", "steps", "returns_to", "later step.*this step or an earlier"),
    (3, "returns_to", "intak", "steps", "returns_to", "no step 'intak'.*'intake' meant"),
    (3, "returns_to", "a b", "steps", "returns_to", "not a code"),
    (3, "skips", "0.95", "steps", "skips", "1.05 together, more than 1"),
    (3, "skips", "0", "steps", "skips", "no share skips to 'deliver'"),
    (3, "skips", "20 %", "steps", "skips", "percentage"),
    (3, "skips_to", "", "steps", "skips_to", "not said where to"),
    (3, "skips_to", "intake", "steps", "skips_to", "not a later step.*returns_to"),
    (3, "skips_to", "check", "steps", "skips_to", "not a later step"),
    (3, "skips_to", "delivery", "steps", "skips_to", "no step 'delivery'.*'deliver' meant"),
    (2, "ends", "1", "steps", "step", "no request comes to 'check'"),
    (5, "ends", "0.5", "steps", "ends", "last step"),
    (5, "hand_off", "30", "steps", "hand_off", "last step"),
    (2, "hand_off", "-5", "steps", "hand_off", "negative"),
    (3, "unnoticed", "1.2", "steps", "unnoticed", "0 to 1"),
    (3, "noticed", "0", "steps", "noticed", "0.001"),
    (3, "noticed", "", "steps", "noticed_spread", "spread of noticed, but no noticed"),
    (4, "settled", "", "steps", "settled_spread", "spread of settled, but no settled"),
    (2, "noticed", "1", "steps", "noticed", "at a counter a citizen is noticed at once"),
    (2, "unnoticed", "0.1", "steps", "unnoticed", "at a counter a citizen is noticed at once"),
    (2, "settled", "1", "steps", "settled", "at a counter"),
    (2, "place", "file", "services", "channel", "'counter'.*first step is at the place 'file'"),
    (3, "technical", "1.5", "steps", "technical", "0 to 1"),
    (3, "step", "intake", "steps", "service", "already in row 2"),
    (3, "step", "", "steps", "step", "empty"),
]  # fmt: skip


def told(path) -> list:
    with pytest.raises(Problems) as raised:
        load_agency(path)
    assert all(p.what and p.do and not isinstance(p, Doubt) for p in raised.value.problems)
    return raised.value.problems


@pytest.mark.parametrize(("row", "column", "value", "table", "named", "words"), WRONG)
def test_a_wrong_cell_is_named_in_a_file(tmp_path, row, column, value, table, named, words):
    found = told(folder(put(with_route(), "steps", row, column, value), tmp_path / "a"))
    match = [p for p in found if p.where == f"{table}.csv" and p.column == named]
    assert any(re.search(words, f"{p.what} {p.do}") and p.row for p in match), [str(p) for p in found]


def test_a_wrong_cell_is_named_in_excel(tmp_path):
    found = told(workbook(put(with_route(), "steps", 3, "skips_to", "delivery"), tmp_path / "a.xlsx"))
    assert [(p.where, p.row, p.column) for p in found] == [("a.xlsx, sheet steps", 3, "skips_to (N)")]


IN_PYTHON = [
    # index of the step, values -> table, row, column
    (1, {"work": float("nan")}, "steps", 1, "work"),
    (1, {"work": True}, "steps", 1, "work"),
    (1, {"place": 3}, "steps", 1, "place"),
    (1, {"place": "desk"}, "steps", 1, "place"),
    (1, {"staff": 2.5}, "steps", 1, "staff"),
    (1, {"noticed": -1.0}, "steps", 1, "noticed"),
    (1, {"skips_to": "nowhere"}, "steps", 1, "skips_to"),
    (1, {"step": "intake"}, "steps", 1, "service"),
    (1, {"service": "ktpp"}, "steps", 1, "service"),
    (2, {"returns_to": "deliver"}, "steps", 2, "returns_to"),
    (3, {"work": 30.0}, "services", 0, "work"),
]


def wrong(agency: Agency) -> list[Problem]:
    return [problem for problem in problems_of(agency) if not isinstance(problem, Doubt)]


@pytest.mark.parametrize(("index", "values", "table", "row", "column"), IN_PYTHON)
def test_what_is_made_in_python_is_told_in_the_same_way(index, values, table, row, column):
    good = permit_agency()
    assert wrong(good) == []
    steps = [*good.steps]
    steps[index] = replace(steps[index], **values)
    agency = replace(good, steps=tuple(steps))
    found = wrong(agency)
    assert (f"frames[{table!r}]", row, column) in {(p.where, p.row, p.column) for p in found}, found
    with pytest.raises(Problems):
        simulate(agency, status_quo(), months=1)


def test_complaints_that_wait_are_checked_in_python_too():
    rows = CONTOH.complaints
    bad = replace(CONTOH, complaints=(replace(rows[0], noticed_spread=1.0), *rows[1:]))
    assert [(p.row, p.column) for p in wrong(bad)] == [(0, "noticed_spread")]
    assert wrong(CONTOH) == []


def test_nobody_may_verify_where_all_are_the_front_line(tmp_path):
    tables = put(with_route(), "services", 2, "staff", 14)
    found = told(folder(put(tables, "steps", 3, "staff", ""), tmp_path / "a"))
    match = [p for p in found if p.where == "steps.csv" and p.column == "staff"]
    assert "nobody may verify it: all 15 officers" in str(match[0].what)


def test_steps_that_bring_too_much_work_are_doubted(tmp_path):
    tables = put(put(with_route(), "steps", 3, "work", 60), "services", 2, "work", 70.1)
    found = [p for p in check_agency(folder(tables, tmp_path / "a")) if p.where == "steps.csv"]
    assert [(p.row, p.column) for p in found] == [(3, "staff")]
    assert isinstance(found[0], Doubt)


@pytest.mark.parametrize("out", ["a", "a.xlsx"])
def test_routes_survive_writing(tmp_path, out):
    agency = permit_agency()
    assert load_agency(write_agency(agency, tmp_path / out)) == agency


def test_the_table_may_be_left_out(tmp_path):
    path = write_agency(CONTOH, tmp_path / "a")
    assert not (path / "steps.csv").exists()
    assert load_agency(path) == CONTOH
    (path / "step.csv").write_text("service\n", encoding="utf-8")
    assert re.search("step.csv.*not read.*'steps' meant", "\n".join(map(str, check_agency(path))))


# how requests go through a route


def test_branches_of_a_route():
    to, share = ways(route(KTP, PERMIT))
    assert to.tolist() == [[1, -1, -1], [2, 3, -1], [3, -1, -1], [-1, -1, -1]]
    np.testing.assert_allclose(share, [[1, 0, 0], [0.7, 0.2, 0.1], [1, 0, 0], [0, 0, 1]])


def test_flow_is_the_hand_sum():
    """Check errs with .1 and sends back to the intake, deliver with .02 to itself; three rounds at most."""
    rows = [replace(row, error=0.0) if row.error is None else row for row in PERMIT]
    found = flow(route(KTP, rows))
    np.testing.assert_allclose(found.reach, [1, 1, 0.7, 0.9])
    intake = [1.0, 0.1, 0.1**2]
    deliver = [0.9 * 0.9, 0.0, 0.0]
    deliver[1] = 0.9 * 0.9 * 0.1 + deliver[0] * 0.02
    deliver[2] = 0.9 * 0.1**2 + deliver[1] * 0.02
    np.testing.assert_allclose(found.visits[[0, 3]], [sum(intake), sum(deliver)])
    check, last = 0.1**2, deliver[1] * 0.02  # begin the last round
    right = check * 0.9 * (0.1 + 0.9 * 0.98) + last * 0.98
    assert found.wrong == pytest.approx(check + last - right)
    assert found.flawless == pytest.approx(0.9 * (0.1 + 0.9 * 0.98))


def test_flow_of_one_step_is_that_of_a_service_of_one_step():
    row = step("ktp", "all", "counter", "front", KTP.work)
    assert flow(route(KTP, [row])).visits[0] == pytest.approx(sum(KTP.error**k for k in range(ATTEMPTS)))
    assert flow(route(KTP, [row])).wrong == pytest.approx(KTP.error**ATTEMPTS)


def test_flow_agrees_with_a_lottery():
    steps = route(KTP, PERMIT)
    to, share = ways(steps)
    rng, n, visits, wrong = np.random.default_rng(1), 20_000, np.zeros(4), 0
    back = [0, 0, 2, 3]
    for _case in range(n):
        at, round_, flawed = 0, 0, False
        while at >= 0:
            visits[at] += 1
            error = rng.random() < steps[at].error
            if error and round_ + 1 < ATTEMPTS:
                at, round_ = back[at], round_ + 1
                continue
            flawed |= error
            at = to[at, rng.choice(3, p=share[at])]
        wrong += flawed
    found = flow(steps)
    np.testing.assert_allclose(visits / n, found.visits, atol=0.02)
    assert wrong / n == pytest.approx(found.wrong, abs=0.001)


# who does what


def test_who_may_do_a_step():
    agency = permit_agency()
    unit, services = agency.unit("dukcapil"), agency.services_of("dukcapil")
    may = eligibility(unit, services, routes_of(agency, "dukcapil"))
    intake, check, sign, deliver = may[:, :4].T
    assert (intake == deliver).all()
    assert np.flatnonzero(intake).tolist() == [1, 2, 3, 4, 5, 6]
    assert np.flatnonzero(check).tolist() == [7, 8]  # the next two, not the front line
    assert np.flatnonzero(sign).tolist() == [0]
    assert np.flatnonzero(may[:, 4]).tolist() == [9, 10, 11, 12]  # then the next service


def test_a_step_may_have_staff_of_its_own_and_signatures_may_be_delegated():
    steps = [replace(PERMIT[0], staff=2), PERMIT[1], replace(PERMIT[2], staff=3), PERMIT[3]]
    agency = with_steps(CONTOH, *steps, work=18.1)
    may = eligibility(agency.unit("dukcapil"), agency.services_of("dukcapil")[:1], [route(KTP, steps)])
    assert [np.flatnonzero(column).tolist() for column in may.T] == [
        [7, 8], [9, 10], [0, 1, 2], [1, 2, 3, 4, 5, 6],
    ]  # fmt: skip


def test_verifiers_are_never_the_front_line_even_where_blocks_go_round():
    for front in range(1, 14):
        agency = with_steps(CONTOH, *PERMIT, work=18.1, staff=front)
        services = agency.services_of("dukcapil")
        may = eligibility(
            agency.unit("dukcapil"), services[1:] + services[:1], [(), (), (), route(KTP, PERMIT)]
        )
        assert not (may[:, -4] & may[:, -3]).any()
        assert may[:, -4].sum() == front
        assert may[:, -3].sum() == min(2, 14 - front)


def test_work_and_utilisation_count_every_step():
    agency = with_steps(CONTOH, *PERMIT, work=18.1)
    found = flow(route(KTP, PERMIT))
    mean = profile(agency, "ktp").mean
    kept = 1 - agency.fact("discard_share")
    answer = kept * sum(c.share * c.work for c in agency.complaints)
    rate = found.wrong * agency.fact("complain_error") + (1 - found.wrong) * agency.fact("complain_fine")
    minutes = found.visits @ [6.0, 8.0, 2.0, 3.0] + rate * answer
    assert daily_work(agency)["ktp"] == pytest.approx(KTP.demand * mean * minutes)
    unit = agency.unit("dukcapil")
    work = daily_work(agency)[[s.service for s in agency.services_of("dukcapil")]].sum()
    assert implied_utilisation(agency)["dukcapil"] == pytest.approx(work / (15 * 450 * (1 - unit.absence)))


def test_an_enlarged_agency_keeps_its_routes():
    big = enlarged(permit_agency(), 4, officers=30)
    assert wrong(big) == []
    assert len(big.steps) == 8
    assert [s.staff for s in big.steps_of("ktp-2")] == [None, 4, None, None]


def test_the_example_of_the_guide_is_right():
    page = (Path(__file__).parents[2] / "docs" / "agency-format.md").read_text(encoding="utf-8")
    block = re.search(r"```\n(service,.*?)```", page, re.DOTALL)[1]
    typed = {"work": float, "staff": int, "error": float, "skips": float, "ends": float}
    typed |= {"hand_off": float, "noticed": float}
    rows = [
        Step(**{name: typed.get(name, str)(cell) for name, cell in row.items() if cell})
        for row in csv.DictReader(io.StringIO(block))
    ]
    assert len(rows) == 4
    izin = replace(KTP, service="izin", work=36.0)
    demand = tuple(row for row in CONTOH.demand if row.service != KTP.service)
    services = (izin, *CONTOH.services[1:])
    agency = replace(CONTOH, services=services, demand=demand, steps=tuple(rows))
    assert wrong(agency) == []
    assert simulate(agency, status_quo(), months=1).outcomes["served"].sum() > 0
