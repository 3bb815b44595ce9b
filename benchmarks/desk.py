"""The compiled desk beside the same models in idiomatic SimPy: the same luck, the same answers, who is faster?

    python -m benchmarks.desk

Ratios are of process time, in interleaved pairs: median [least .. most]. Each pair is checked to agree request by
request before anything is printed. Both are given the same columns of luck and give back columns: the desk checks,
feeds and collects month by month, SimPy turns columns into lists, as it must, and its lists into columns.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np

from benchmarks import _desk_simpy as simpy_desk
from sim.desk import DONE, NEVER, Cases, Desk, Jobs, Queues, Requests, warm

PAIRS = 5
MINUTE = 60_000  # ticks
DAY = 450 * MINUTE


def clock(function: Callable[[], Any], times: int = 1) -> tuple[float, Any]:
    """Process time of one call, the mean of several, and what it returned."""
    start = time.process_time()
    for _ in range(times):
        result = function()
    return (time.process_time() - start) / times, result


def compare(
    name: str, n: int, desk: Callable[[], Any], peer: Callable[[], Any], equal: Callable[[Any, Any], bool]
) -> None:
    """Print how many times as many requests a second the desk serves."""
    ratios, best = [], np.inf
    desk()
    for _ in range(PAIRS):
        slow, theirs = clock(peer)
        fast, ours = clock(desk, 5)
        assert equal(ours, theirs), f"{name}: the two do not agree"
        ratios.append(slow / fast)
        best = min(best, fast)
    print(
        f"{name}: {median(ratios):.0f} [{min(ratios):.0f} .. {max(ratios):.0f}] times idiomatic SimPy, "
        f"{PAIRS} pairs of {n:,} requests, equal to the tick; at best {n / best / 1e6:.1f} million a second"
    )


def mm8(n: int = 60_000, servers: int = 8, load: float = 0.85, month: int = 5_000) -> None:
    """M/M/8, fed by the month."""
    rng = np.random.default_rng(1)
    arrival = np.cumsum(rng.exponential(1e6, n)).astype(np.int64)
    work = np.floor(rng.exponential(1e6 * servers * load, n)) + 1
    end = int(arrival[-1] + 2**40)

    def ours() -> np.ndarray:
        desk = Desk([0, end], Queues(klass=[0]), servers, attempts=1)
        starts = np.empty(n, np.int64)
        for i in range(0, n, month):
            part = slice(i, i + month)
            desk.feed(Requests(id=np.arange(n)[part], queue=0, arrival=arrival[part], work=work[part]))
            desk.advance(int(arrival[i + month]) if i + month < n else end)
            cases, _ = desk.collect()
            starts[cases.id] = cases.first_start
        return starts

    def theirs() -> np.ndarray:
        return np.array(simpy_desk.counter(arrival.tolist(), work.astype(np.int64).tolist(), servers))

    compare("M/M/8", n, ours, theirs, np.array_equal)


def office(officers: int = 40, months: int = 12, days_a_month: int = 21, a_day: int = 200) -> None:
    """A unit of 40: two counters and files, skills, pace that changes monthly, absence, patience, errors, rework."""
    rng = np.random.default_rng(2)
    days = months * days_a_month
    n = days * a_day
    day_start = np.arange(days + 1) * DAY
    end = int(day_start[-1])
    present = rng.random((days, officers)) > 0.1
    eligible = rng.random((officers, 3)) < 0.7
    eligible[~eligible.any(axis=1)] = True
    rate = rng.lognormal(0, 0.2, (months, officers, 3))
    p_error = 0.08
    queue = rng.choice(3, n, p=[0.4, 0.3, 0.3])
    luck: dict[str, np.ndarray] = {
        "id": np.arange(n),
        "queue": queue,
        "arrival": np.sort(rng.integers(1, end, n)),
        "work": rng.lognormal(np.log(50 * MINUTE), 0.7, (n, 3)),
        "u_error": rng.random((n, 3)),
        "patience": np.where(queue < 2, rng.integers(1, 6 * DAY // 5, n), NEVER),
        "returns": rng.random(n) < 0.8,
        "rework_delay": rng.integers(1, 5 * DAY, n),
    }
    queues = Queues(klass=[0, 0, 1], suspends=[False, False, True], sent_home=[True, True, False], rework=2)
    roster = np.where(present, day_start[1:, None], 0)
    month_start = day_start[::days_a_month]
    cuts = np.searchsorted(luck["arrival"], month_start)

    def ours() -> list[tuple[Cases, Jobs]]:
        desk = Desk(day_start, queues, officers)
        desk.set_roster(0, roster)
        collected = []
        for month in range(months):
            part = slice(cuts[month], cuts[month + 1])
            desk.set_people(rate[month], np.full((officers, 3), p_error), eligible)
            desk.feed(Requests(**{name: column[part] for name, column in luck.items()}))
            desk.advance(int(month_start[month + 1]))
            collected.append(desk.collect())
        return collected

    def theirs() -> tuple[np.ndarray, np.ndarray]:
        columns = ("id", "queue", "arrival", "patience", "returns", "rework_delay", "work", "u_error")
        requests = [
            simpy_desk.Request(*values)
            for values in zip(*(luck[name].tolist() for name in columns), strict=True)
        ]
        people = simpy_desk.People(present.tolist(), eligible.tolist(), rate.tolist(), p_error)
        unit = simpy_desk.office(day_start.tolist(), days_a_month, people, requests)
        return np.array(unit.jobs), np.array(unit.gone)

    def equal(ours: list[tuple[Cases, Jobs]], theirs: tuple[np.ndarray, np.ndarray]) -> bool:
        jobs = [np.stack([j.id, j.attempt, j.officer, j.start, j.finish], axis=1) for _, j in ours]
        gone = [np.stack([c.id, c.finish, c.sent_home], axis=1)[c.status != DONE] for c, _ in ours]
        return all(
            np.array_equal(a[np.lexsort(a.T[:2][::-1])], b[np.lexsort(b.T[:2][::-1])])
            for a, b in zip((np.concatenate(jobs), np.concatenate(gone)), theirs, strict=True)
        )

    compare(f"a unit of {officers}, a year", n, ours, theirs, equal)


def empty_advance(times: int = 20_000) -> None:
    """What it costs to ask when nothing happens."""
    desk = Desk([0, 2**40], Queues(klass=[0]), 90)
    desk.advance(1)
    took, _ = clock(lambda: [desk.advance(i) for i in range(2, times)])
    print(f"an empty advance: {took / times * 1e6:.1f} microseconds")


def makassar(
    units: int = 110, officers: int = 90, months: int = 12, days_a_month: int = 21, a_day: int = 118
) -> None:
    """A year of a full-size city, advanced daily, luck drawn by the month."""
    day_start = np.arange(months * days_a_month + 1) * DAY
    month_start = day_start[::days_a_month]
    queues = Queues(klass=[0, 0, 1], suspends=[False, False, True], sent_home=[True, True, False], rework=2)
    spent = {"drawing": 0.0, "feeding": 0.0, "advancing": 0.0, "collecting": 0.0}
    served = 0

    def timed(part: str, function: Callable[[], Any]) -> Any:
        took, result = clock(function)
        spent[part] += took
        return result

    def draw(rng: np.random.Generator, month: int) -> dict[str, np.ndarray]:
        n = a_day * days_a_month
        queue = rng.choice(3, n, p=[0.4, 0.3, 0.3])
        return {
            "id": np.arange(month * n, (month + 1) * n),
            "queue": queue,
            "arrival": rng.integers(month_start[month], month_start[month + 1], n),
            "work": rng.lognormal(np.log(190 * MINUTE), 0.7, (n, 3)),
            "u_error": rng.random((n, 3)),
            "patience": np.where(queue < 2, rng.integers(1, 6 * DAY // 5, n), NEVER),
            "returns": rng.random(n) < 0.8,
            "rework_delay": rng.integers(1, 5 * DAY, n),
        }

    for unit in range(units):
        rng = np.random.default_rng([3, unit])
        desk = Desk(day_start, queues, officers)
        eligible = rng.random((officers, 3)) < 0.7
        for month in range(months):
            luck = timed("drawing", lambda: draw(rng, month))  # noqa: B023
            desk.set_people(rng.lognormal(0, 0.2, (officers, 3)), np.full((officers, 3), 0.08), eligible)
            days = slice(month * days_a_month + 1, (month + 1) * days_a_month + 1)
            present = rng.random((days_a_month, officers)) > 0.1
            desk.set_roster(month * days_a_month, np.where(present, day_start[days, None], 0))
            timed("feeding", lambda: desk.feed(Requests(**luck)))  # noqa: B023
            timed("advancing", lambda: [desk.advance(int(tick)) for tick in day_start[days]])  # noqa: B023
            served += len(timed("collecting", desk.collect)[1])
    parts = ", ".join(f"{part} {took:.2f}" for part, took in spent.items())
    print(
        f"{units} units x {officers} officers x {months} months, advanced daily: {served / 1e6:.2f} million services "
        f"in {sum(spent.values()):.1f} s of one core ({parts})"
    )


if __name__ == "__main__":
    took, _ = clock(warm)
    print(f"compiling, or loading what was compiled: {took:.2f} s")
    mm8()
    office()
    empty_advance()
    makassar()
