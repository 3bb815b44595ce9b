"""Claim: each rule of the desk does what it says, on cases small enough to reckon by hand.

Days are 100 ticks long, officers have rate 1 unless a case says otherwise; both desks are held to every case.
"""

from typing import Any

import numpy as np
import pytest

from sim.desk import COMPLAINT_BIT, DISCARDED, DONE, LEFT, LOST, NEVER, Desk, Queues, Requests
from sim.desk.reference import ReferenceDesk

DAYS = np.arange(0, 601, 100)
COUNTER = Queues(klass=[0])
SENT_HOME = Queues(klass=[0], sent_home=True)
FILES = Queues(klass=[0], suspends=True)


@pytest.fixture(params=[Desk, ReferenceDesk], ids=["compiled", "reference"])
def a_desk(request: pytest.FixtureRequest) -> Any:
    """Make a desk: queues and officers."""
    return lambda queues=COUNTER, officers=1, attempts=1, shuts=True: request.param(
        DAYS, queues, officers, attempts, shuts
    )


def feed(desk: Any, arrival: list[int], work: Any, **columns: Any) -> None:
    """Requests 1, 2, ... for queue 0 unless told otherwise."""
    n = len(arrival)
    columns = {"id": np.arange(1, n + 1), "queue": 0} | columns
    desk.feed(Requests(arrival=arrival, work=np.asarray(work, float), **columns))


def run(desk: Any, to: int = 601) -> tuple[Any, Any]:
    """Advance, collect; cases by id, jobs by (id, attempt)."""
    desk.advance(to)
    cases, jobs = desk.collect()
    return cases.frame().set_index("id"), jobs.frame().set_index(["id", "attempt"]).sort_index()


def spans(jobs: Any) -> list[tuple[int, int, int]]:
    """(officer, start, finish) of each job by (id, attempt)."""
    return list(zip(jobs.officer.tolist(), jobs.start.tolist(), jobs.finish.tolist(), strict=True))


def test_first_come_first_served(a_desk: Any) -> None:
    desk = a_desk()
    feed(desk, [5, 0, 5], [10, 20, 30], id=[3, 9, 1])
    cases, jobs = run(desk)
    assert spans(jobs) == [
        (0, 20, 50),
        (0, 50, 60),
        (0, 0, 20),
    ]  # ids 1, 3, 9: at one tick the lower id first
    assert (cases.status == DONE).all()
    assert cases.first_start.to_dict() == {9: 0, 1: 20, 3: 50}


def test_service_is_rounded_and_lasts_a_tick_at_least(a_desk: Any) -> None:
    desk = a_desk()
    desk.set_people([[2.0]], [[0.0]], [[True]])
    feed(desk, [0, 50, 60, 70], [0, 5, 6.9, 3])
    _, jobs = run(desk)
    assert jobs.service.tolist() == [1, 3, 3, 2]  # .5 rounds up: 2.5 -> 3, 3.45 -> 3, 1.5 -> 2


def test_counter_job_in_hand_is_finished_as_overtime(a_desk: Any) -> None:
    desk = a_desk()
    feed(desk, [90, 95], [25, 5])
    cases, jobs = run(desk)
    assert spans(jobs) == [(0, 90, 100), (0, 100, 105)]  # finished at closing, the next is served at opening
    assert jobs.overtime.tolist() == [15, 0]
    assert jobs.service.tolist() == [25, 5]
    assert cases.sent_home.tolist() == [0, 0]


def test_job_that_ends_at_closing_is_no_overtime(a_desk: Any) -> None:
    desk = a_desk()
    feed(desk, [90], [10])
    _, jobs = run(desk)
    assert (jobs.finish.item(), jobs.overtime.item()) == (100, 0)


def test_sent_home_and_back_with_the_original_arrival(a_desk: Any) -> None:
    desk = a_desk(SENT_HOME)
    feed(desk, [0, 50, 60, 100], [350, 20, 20, 20], id=[1, 9, 3, 2], returns=[True, True, False, True])
    cases, jobs = run(desk)
    # request 9 goes before 2, which came at opening and has the lower id
    assert jobs.start.droplevel("attempt").to_dict() == {1: 0, 9: 100, 2: 120}
    assert jobs.overtime.tolist() == [250, 0, 0]
    assert cases.loc[9, ["arrival", "sent_home", "status"]].tolist() == [50, 1, DONE]
    assert cases.loc[3, ["finish", "sent_home", "status", "first_start"]].tolist() == [100, 1, LOST, -1]
    assert cases.loc[2, "sent_home"] == 0


def test_not_sent_home_just_waits(a_desk: Any) -> None:
    desk = a_desk()
    feed(desk, [0, 50], [350, 20], returns=False)
    cases, _ = run(desk)
    assert cases.sent_home.tolist() == [0, 0]
    assert cases.status.tolist() == [DONE, DONE]


def test_file_work_is_suspended_at_closing_and_resumed_first(a_desk: Any) -> None:
    desk = a_desk(FILES)
    desk.set_roster(1, [[0]])  # absent on day 1
    feed(desk, [90, 95], [30, 5])
    _, jobs = run(desk, 150)
    assert jobs.empty
    assert desk.in_service().tolist() == [1]
    assert desk.waiting().tolist() == [1]
    _, jobs = run(desk)
    assert spans(jobs) == [(0, 90, 220), (0, 220, 225)]  # 10 ticks on day 0, 20 on day 2
    assert jobs.service.tolist() == [30, 5]
    assert jobs.overtime.tolist() == [0, 0]


def test_suspended_file_waits_for_its_officer_though_others_are_idle(a_desk: Any) -> None:
    desk = a_desk(FILES, officers=2)
    desk.set_roster(1, [[0, 200], [0, 300]])
    feed(desk, [90], [30])
    _, jobs = run(desk)
    assert spans(jobs) == [(0, 90, 320)]


def test_early_leaver_finishes_the_counter_job_and_is_gone(a_desk: Any) -> None:
    desk = a_desk()
    desk.set_roster(0, [[50]])
    feed(desk, [40, 45], [20, 5])
    _, jobs = run(desk)
    assert spans(jobs) == [(0, 40, 60), (0, 100, 105)]
    assert jobs.overtime.tolist() == [0, 0]


def test_who_comes_late_serves_from_then_on(a_desk: Any) -> None:
    desk = a_desk(officers=2)
    desk.set_roster(0, [[[0, 30], [0, 60]]])
    feed(desk, [10, 40, 50], [50, 5, 5])
    _, jobs = run(desk)
    assert spans(jobs) == [(0, 30, 80), (1, 60, 65), (1, 65, 70)]


def test_a_break_begins_after_the_counter_job_and_ends_as_planned(a_desk: Any) -> None:
    desk = a_desk()
    desk.set_roster(0, [[[40, 60]]])
    feed(desk, [30, 45], [20, 5])
    _, jobs = run(desk)
    assert spans(jobs) == [(0, 30, 50), (0, 60, 65)]


def test_a_job_longer_than_the_break_goes_on_through_it(a_desk: Any) -> None:
    desk = a_desk()
    desk.set_roster(0, [[[40, 60]]])
    feed(desk, [30, 45], [40, 5])
    _, jobs = run(desk)
    assert spans(jobs) == [(0, 30, 70), (0, 70, 75)]


def test_file_work_is_suspended_during_a_break(a_desk: Any) -> None:
    desk = a_desk(FILES)
    desk.set_roster(0, [[[40, 60, 70, 90]]])
    feed(desk, [30], [30])
    _, jobs = run(desk)
    assert spans(jobs) == [(0, 30, 100)]  # 10 ticks until 40, 10 until 70, 10 from 90
    assert jobs.service.item() == 30


def test_open_through_the_night_nobody_is_sent_home_and_jobs_go_on(a_desk: Any) -> None:
    desk = a_desk(SENT_HOME, shuts=[True, False, True, True, True, True, True])
    desk.set_roster(1, [[150]])
    feed(desk, [90, 95, 160], [20, 5, 5], returns=False)
    cases, jobs = run(desk)
    assert spans(jobs) == [(0, 90, 110), (0, 110, 115)]
    assert jobs.overtime.tolist() == [0, 0]
    assert cases.loc[3, ["status", "finish"]].tolist() == [LOST, 200]  # it shuts before day 2


def test_early_leaver_whose_counter_job_lasts_past_closing(a_desk: Any) -> None:
    desk = a_desk()
    desk.set_roster(0, [[50]])
    feed(desk, [40], [80])
    _, jobs = run(desk)
    assert spans(jobs) == [(0, 40, 100)]
    assert jobs.overtime.tolist() == [20]


def test_early_leaver_suspends_file_work(a_desk: Any) -> None:
    desk = a_desk(FILES)
    desk.set_roster(0, [[50], [0], [299]])
    feed(desk, [40], [30])
    _, jobs = run(desk)
    assert spans(jobs) == [(0, 40, 220)]


def test_gone_at_the_tick_itself(a_desk: Any) -> None:
    desk = a_desk(officers=2)
    desk.set_roster(0, [[50, 51]])
    feed(desk, [50], [10])
    _, jobs = run(desk)
    assert spans(jobs) == [(1, 50, 60)]


def test_called_back_within_the_day(a_desk: Any) -> None:
    desk = a_desk(FILES)
    desk.set_roster(0, [[50]])
    feed(desk, [40], [30])
    desk.advance(70)
    desk.set_roster(0, [[80]])
    desk.advance(75)
    desk.set_roster(0, [[100]])
    _, jobs = run(desk)
    assert spans(jobs) == [(0, 40, 90)]  # 10 ticks before 50, 20 from 70 on


def test_nobody_there(a_desk: Any) -> None:
    desk = a_desk(SENT_HOME, officers=2)
    desk.set_roster(0, np.zeros((6, 2), int))
    feed(desk, [0, 20], [5, 5], patience=[NEVER, 30])
    cases, jobs = run(desk)
    assert jobs.empty
    assert cases.index.tolist() == [2]
    assert cases.loc[2, ["finish", "status"]].tolist() == [50, LEFT]
    assert desk.waiting().tolist() == [1]


def test_no_requests_no_officers(a_desk: Any) -> None:
    desk = a_desk(officers=0)
    cases, jobs = run(desk, 300)
    assert (len(cases), len(jobs), desk.now) == (0, 0, 300)
    feed(desk, [300], [5])
    cases, jobs = run(desk)
    assert (len(cases), len(jobs), desk.waiting().tolist()) == (0, 0, [1])


def test_patience_ends_before_dispatch_at_its_tick(a_desk: Any) -> None:
    desk = a_desk()
    feed(desk, [0, 5, 6], [20, 5, 5], patience=[NEVER, 15, 15])
    cases, jobs = run(desk)
    assert cases.loc[2, ["finish", "status", "first_start", "officer", "attempts"]].tolist() == [
        20,
        LEFT,
        -1,
        -1,
        0,
    ]
    assert spans(jobs) == [(0, 0, 20), (0, 20, 25)]


def test_patience_of_a_citizen_sent_home_runs_from_the_first_arrival(a_desk: Any) -> None:
    desk = a_desk(SENT_HOME)
    desk.set_roster(0, [[0], [0]])
    feed(desk, [90, 80], [5, 5], patience=[30, 20])
    cases, _ = run(desk)
    assert cases.loc[1, ["finish", "status", "sent_home"]].tolist() == [120, LEFT, 1]
    assert cases.loc[2, ["finish", "status", "sent_home"]].tolist() == [
        100,
        LEFT,
        1,
    ]  # sent home first, then gives up


def test_classes_and_earliest_due_date(a_desk: Any) -> None:
    desk = a_desk(Queues(klass=[1, 0], by_due=[True, False]))
    feed(desk, [0, 1, 3, 2, 4, 1], [10] * 6, queue=[0, 0, 0, 0, 1, 0], due=[0, 90, 80, 80, 99, 90])
    _, jobs = run(desk)
    # class 0 first; then by due date, arrival, id
    assert jobs.start.droplevel("attempt").to_dict() == {1: 0, 5: 10, 4: 20, 3: 30, 2: 40, 6: 50}


def test_queues_of_one_class_share_one_order(a_desk: Any) -> None:
    desk = a_desk(Queues(klass=[0, 0]))
    feed(desk, [0, 3, 2, 2], [10] * 4, queue=[0, 0, 1, 0])
    _, jobs = run(desk)
    assert jobs.start.droplevel("attempt").to_dict() == {1: 0, 3: 10, 4: 20, 2: 30}


def test_who_has_no_eligible_officer_is_skipped(a_desk: Any) -> None:
    desk = a_desk(Queues(klass=[0, 1]), officers=2)
    desk.set_people(np.ones((2, 2)), np.zeros((2, 2)), [[True, False], [False, True]])
    feed(desk, [0, 1, 2], [10, 10, 10], queue=[0, 0, 1])
    _, jobs = run(desk)
    assert spans(jobs) == [(0, 0, 10), (0, 10, 20), (1, 2, 12)]


def test_eligibility_is_read_at_dispatch_and_a_change_dispatches_at_once(a_desk: Any) -> None:
    desk = a_desk()
    desk.set_people([[1.0]], [[0.0]], [[False]])
    feed(desk, [0], [10])
    desk.advance(33)
    desk.set_people([[1.0]], [[0.0]], [[True]])
    _, jobs = run(desk)
    assert spans(jobs) == [(0, 33, 43)]


def test_pace_is_read_at_the_start_and_error_at_the_end(a_desk: Any) -> None:
    desk = a_desk()
    feed(desk, [0, 5], [20, 20], u_error=[0.5, 0.5])
    desk.advance(20)
    desk.set_people([[2.0]], [[0.6]], [[True]])  # before what happens at tick 20
    desk.advance(21)
    desk.set_people([[4.0]], [[0.4]], [[True]])
    _, jobs = run(desk)
    assert spans(jobs) == [(0, 0, 20), (0, 20, 30)]
    assert jobs.error.tolist() == [True, False]


def test_the_officer_idle_longest_serves_ties_by_index(a_desk: Any) -> None:
    desk = a_desk(officers=3)
    feed(desk, [0, 0, 0, 30, 40, 50, 60], [10, 5, 10, 1, 1, 1, 1])
    _, jobs = run(desk)
    assert jobs.officer.tolist() == [0, 1, 2, 1, 0, 2, 1]


def test_ties_go_by_index_also_to_who_was_away(a_desk: Any) -> None:
    desk = a_desk(officers=2)
    desk.set_roster(0, [[0, 100]])  # officer 0 comes on day 1; neither has served anyone
    feed(desk, [110], [5])
    _, jobs = run(desk)
    assert jobs.officer.tolist() == [0]


def test_idle_order_survives_the_night_and_overtime_ends_at_closing(a_desk: Any) -> None:
    desk = a_desk(officers=3)
    desk.set_roster(1, [[200, 0, 200]])
    # officer 0 ends overtime at closing (tick 100), officer 1 has been idle since 20 but is away on day 1, officer 2
    # ends at 100, too
    feed(desk, [0, 0, 90, 110, 120, 210, 220, 230], [200, 20, 10, 1, 1, 1, 1, 1])
    _, jobs = run(desk)
    assert jobs.officer.tolist() == [0, 1, 2, 0, 2, 1, 0, 2]


def test_rework_comes_back_later_and_joins_the_end(a_desk: Any) -> None:
    desk = a_desk(Queues(klass=[0, 0], rework=[1, -1]), attempts=3)
    desk.set_people([[1.0, 1.0]], [[0.5, 0.5]], [[True, True]])
    feed(desk, [0, 20, 25], [[10, 5, 99], [20, 5, 99], [5, 5, 99]], u_error=[[0.1, 0.9, 0], [0.9] * 3, [0.9] * 3],
         rework_delay=15, patience=[40, NEVER, NEVER])  # fmt: skip
    desk.advance(20)
    assert desk.pending().tolist() == [0, 1]
    cases, jobs = run(desk)
    assert jobs.loc[1, ["queue", "joined", "start", "finish"]].to_numpy().tolist() == [
        [0, 0, 0, 10],
        [1, 25, 40, 45],
    ]
    assert jobs.loc[3, "start"].item() == 45  # both joined at tick 25, the lower id went first
    assert cases.loc[1, ["queue", "arrival", "first_start", "finish", "attempts", "errors", "status"]].tolist() == [
        0, 0, 0, 45, 2, 1, DONE,
    ]  # fmt: skip


def test_rework_after_no_delay_joins_at_the_same_tick(a_desk: Any) -> None:
    desk = a_desk(Queues(klass=[0], rework=0), attempts=2)
    desk.set_people([[1.0]], [[0.5]], [[True]])
    feed(desk, [0], [[10, 10]], u_error=[[0.1, 0.9]])
    _, jobs = run(desk)
    assert spans(jobs) == [(0, 0, 10), (0, 10, 20)]


def test_patience_for_rework_runs_from_its_return(a_desk: Any) -> None:
    desk = a_desk(Queues(klass=[0], rework=0), attempts=2)
    desk.set_people([[1.0]], [[0.5]], [[True]])
    feed(desk, [0, 12], [[10, 10], [60, 10]], u_error=[[0.1, 0.9], [0.9, 0.9]], rework_delay=20, patience=25)
    cases, _ = run(desk)
    assert cases.loc[1, ["finish", "status", "attempts", "errors"]].tolist() == [55, LEFT, 1, 1]


def test_attempts_are_capped(a_desk: Any) -> None:
    desk = a_desk(Queues(klass=[0], rework=0), attempts=2)
    desk.set_people([[1.0]], [[0.5]], [[True]])
    feed(desk, [0], [[10, 10]], u_error=[[0.1, 0.1]], rework_delay=5)
    cases, jobs = run(desk)
    assert spans(jobs) == [(0, 0, 10), (0, 15, 25)]
    assert cases.loc[1, ["attempts", "errors", "status", "finish"]].tolist() == [2, 2, DONE, 25]


COMPLAINTS = Queues(klass=[0, 1, 1], by_due=[False, True, True], complaint_base=1, complaint_clock=[0, 2])


def test_complaint_is_born_gets_its_due_date_and_is_served(a_desk: Any) -> None:
    desk = a_desk(COMPLAINTS)
    desk.set_complaining([[0.2, 0.0, 0.0]] * 3, 0.5)
    feed(desk, [0, 0, 0], [10, 10, 10], u_complain=[0.1, 0.2, 0.1], u_triage=[0.5, 0, 0.4], complaint_class=[1, 0, 0],
         complaint_delay=[100, 100, 1], complaint_work=[7.0, 7.0, 7.0])  # fmt: skip
    desk.advance(50)
    assert desk.pending().tolist() == [0, 0, 1]
    cases, jobs = run(desk)
    assert cases.index.tolist() == [1, 2, 3, 3 | COMPLAINT_BIT, 1 | COMPLAINT_BIT]
    served = cases.loc[1 | COMPLAINT_BIT]
    # the case ended at 10; the complaint came at 110, on day 1, and is due when day 3 closes
    assert served[["parent", "queue", "arrival", "due", "first_start", "finish", "status"]].tolist() == [
        1, 2, 110, 400, 110, 117, DONE,
    ]  # fmt: skip
    discarded = cases.loc[3 | COMPLAINT_BIT]
    assert discarded[["parent", "arrival", "due", "finish", "status", "attempts"]].tolist() == [
        3, 31, 100, 31, DISCARDED, 0,
    ]  # fmt: skip
    assert cases.parent[:3].tolist() == [-1, -1, -1]
    assert len(jobs) == 4


def test_who_complains(a_desk: Any) -> None:
    desk = a_desk(
        Queues(klass=[0, 1], sent_home=[True, False], complaint_base=1, complaint_clock=[0]), officers=1
    )
    desk.set_people([[1.0, 1.0]], [[0.5, 0.0]], [[True, True]])
    desk.set_complaining([[0.1, 0.3, 0.6], [1, 1, 1]], 0.0)  # after a good end, an error, no service
    feed(desk, [0, 10, 20, 20, 98, 98], [5, 5, 75, 1, 10, 10], u_error=[0.9, 0.1, 0.9, 0.9, 0.9, 0.9],
         u_complain=[0.2, 0.2, 0.2, 0.5, 0.2, 0.5], patience=[NEVER] * 3 + [9] + [NEVER] * 2,
         returns=False, complaint_work=0.0, complaint_u_error=0.0)  # fmt: skip
    cases, _ = run(desk)
    statuses = cases.status.to_dict()
    assert [statuses[i] for i in range(1, 7)] == [DONE, DONE, DONE, LEFT, DONE, LOST]
    # 2 ended in error, 4 gave up, 6 was lost; and nobody complains about a complaint
    assert sorted(i ^ COMPLAINT_BIT for i in cases.index if i >= COMPLAINT_BIT) == [2, 4, 6]


def test_due_date_is_capped_at_the_end_of_time(a_desk: Any) -> None:
    desk = a_desk(Queues(klass=[0, 0], complaint_base=1, complaint_clock=[60]))
    desk.set_complaining(np.ones((2, 3)), 0.0)
    feed(desk, [0], [5], u_complain=0.0)
    cases, _ = run(desk)
    assert cases.loc[1 | COMPLAINT_BIT, "due"] == 600


def test_requests_are_fed_in_any_order_and_collected_once(a_desk: Any) -> None:
    desk = a_desk()
    feed(desk, [300, 40], [5, 5], id=[5, 4])
    feed(desk, [200, 0], [5, 5], id=[3, 2])
    first, _ = run(desk, 100)
    desk.feed(Requests(id=[1], queue=0, arrival=[250], work=[5.0]))
    second, _ = run(desk)
    assert (first.index.tolist(), second.index.tolist()) == ([2, 4], [3, 1, 5])


def test_the_end_of_time(a_desk: Any) -> None:
    desk = a_desk(SENT_HOME)
    feed(desk, [580, 590], [30, 5])
    _, jobs = run(desk, 600)
    assert jobs.empty  # what happens at 600 has not yet happened
    _, jobs = run(desk, 601)
    assert spans(jobs) == [(0, 580, 600)]
    assert jobs.overtime.tolist() == [10]
    assert desk.waiting().tolist() == [1]
