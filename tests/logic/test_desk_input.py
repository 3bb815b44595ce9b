"""Claim: a desk refuses what it cannot mean, says what and where, and is not changed by the attempt."""

from typing import Any

import numpy as np
import pytest

from sim.desk import COMPLAINT_BIT, Desk, Queues, Requests
from sim.errors import KinerjaError

DAYS = [0, 100, 200]
ONE = {"id": [7], "queue": 0, "arrival": [5], "work": [3.0]}


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"work": [np.nan]}, r"work\[0, 0\] is nan"),
        ({"work": [-1.0]}, r"work\[0, 0\] is -1.0"),
        ({"work": [np.inf]}, "work"),
        ({"u_error": [1.5]}, r"u_error\[0, 0\] is 1.5"),
        ({"arrival": [5.5]}, "arrival: cannot be read as int64"),
        ({"arrival": ["soon"]}, "arrival: cannot be read as int64"),
        ({"arrival": [5, 6]}, r"arrival: cannot be read as int64 of shape \(1,\)"),
        ({"id": [-1]}, r"id\[0\] is -1"),
        ({"id": [COMPLAINT_BIT]}, r"id\[0\]"),
        ({"complaint_delay": [0]}, r"complaint_delay\[0\] is 0; give a value from 1"),
        ({"returns": [1]}, "returns: cannot be read as bool"),
        ({"patience": [-1]}, r"patience\[0\]"),
    ],
)
def test_requests(columns: dict[str, Any], words: str) -> None:
    with pytest.raises(KinerjaError, match=words):
        Requests(**(ONE | columns))


def test_the_first_wrong_value_is_named() -> None:
    with pytest.raises(KinerjaError, match=r"work\[1, 0\] is nan"):
        Requests(id=[1, 2, 3], queue=0, arrival=[5, 6, 7], work=[1.0, np.nan, -1.0])


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"arrival": [200]}, "request 7 arrives at tick 200, not from now"),
        ({"arrival": [9]}, r"request 7 arrives at tick 9, not from now \(10\)"),
        ({"queue": 2}, "queue 2 is not one of 0 to 1"),
        ({"complaint_class": 1}, "complaint_class 1 is not one of 0 to 0"),
        ({"work": [[1.0, 1.0, 1.0]]}, "random numbers for 3 attempts, but this desk allows 2"),
        ({"id": [3]}, "not unique"),  # still to come
        ({"id": [4]}, "not unique"),  # being served
        ({"id": [20, 20], "arrival": [50, 60], "work": 1.0}, "not unique"),
    ],
)
def test_feed(columns: dict[str, Any], words: str) -> None:
    desk = Desk(DAYS, Queues(klass=[0, 0]), officers=1, attempts=2)
    desk.feed(Requests(id=[3, 4, 5], queue=0, arrival=[150, 0, 20], work=[5.0, 95.0, 1.0]))
    desk.advance(10)
    with pytest.raises(KinerjaError, match=words):
        desk.feed(Requests(**(ONE | {"arrival": [50]} | columns)))
    desk.feed(Requests(**(ONE | {"arrival": [50]})))
    desk.advance(201)
    assert sorted(desk.collect()[0].id) == [3, 4, 5, 7]


def test_an_id_may_be_used_again_once_its_case_ended() -> None:
    desk = Desk(DAYS, Queues(klass=[0]), officers=1)
    for arrival in (0, 50):
        desk.feed(Requests(id=[1], queue=0, arrival=[arrival], work=[5.0]))
        desk.advance(arrival + 10)
    assert desk.collect()[0].id.tolist() == [1, 1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([[0.0]], [[0.0]], [[True]]), r"rate\[0, 0\] is 0.0"),
        (([[np.nan]], [[0.0]], [[True]]), r"rate\[0, 0\] is nan"),
        (([[1.0]], [[1.1]], [[True]]), r"p_error\[0, 0\] is 1.1"),
        (([[1.0]], [[0.0]], [[1]]), "eligible: cannot be read as bool"),
        ((np.ones((2, 1)), [[0.0]], [[True]]), "rate"),
    ],
)
def test_people(arguments: tuple[Any, ...], words: str) -> None:
    desk = Desk(DAYS, Queues(klass=[0]), officers=1)
    with pytest.raises(KinerjaError, match=words):
        desk.set_people(*arguments)
    desk.feed(Requests(**ONE))
    desk.advance(100)
    assert desk.collect()[1].service.tolist() == [3]


def test_rate_of_who_is_not_eligible_is_not_read() -> None:
    Desk(DAYS, Queues(klass=[0]), officers=1).set_people([[np.nan]], [[0.0]], [[False]])


@pytest.mark.parametrize(
    ("first_day", "until"), [(0, [[200]]), (2, [[200]]), (1, [[200], [300]]), (1, [200])]
)
def test_roster(first_day: int, until: list) -> None:
    desk = Desk(DAYS, Queues(klass=[0]), officers=1)
    desk.advance(150)
    with pytest.raises(KinerjaError, match=r"from day 1 \(today\) to day 1, not shape"):
        desk.set_roster(first_day, until)


def test_ticks_of_a_roster_do_not_decrease() -> None:
    desk = Desk(DAYS, Queues(klass=[0]), officers=2)
    with pytest.raises(KinerjaError, match="ticks of officer 1 on day 0 decrease"):
        desk.set_roster(0, [[[10, 20], [30, 20]]])


def test_complaining_needs_queues_for_complaints() -> None:
    desk = Desk(DAYS, Queues(klass=[0]), officers=1)
    with pytest.raises(KinerjaError, match="no complaint queues"):
        desk.set_complaining([[0.1, 0.1, 0.1]], 0.0)


@pytest.mark.parametrize("to", [9, 202])
def test_advance(to: int) -> None:
    desk = Desk(DAYS, Queues(klass=[0]), officers=1)
    desk.advance(10)
    with pytest.raises(KinerjaError, match=rf"advance: {to} is not from now \(10\)"):
        desk.advance(to)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (
            {"klass": [0, 0], "by_due": [True, False]},
            "queues of class 0 are ordered both by due date and by arrival",
        ),
        ({"klass": [0], "complaint_base": 0}, "complaint_base"),
        ({"klass": [0], "complaint_base": 1, "complaint_clock": [5]}, "complaint_base"),
        ({"klass": [0], "rework": 1}, r"rework\[0\] is 1"),
    ],
)
def test_queues(columns: dict[str, Any], words: str) -> None:
    with pytest.raises(KinerjaError, match=words):
        Queues(**columns)


@pytest.mark.parametrize("day_start", [[0], [1, 2], [0, 5, 5], [0, 5.5]])
def test_days(day_start: list[float]) -> None:
    with pytest.raises(KinerjaError, match="day_start"):
        Desk(day_start, Queues(klass=[0]), officers=1)
