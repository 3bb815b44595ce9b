"""Claim: a search for capacity finds the answer where there is an exact one, says "never" of the peak where there is
none, and takes at most a quarter of the replications of a grid of the same resolution."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from queueing import erlang_c
from scipy.stats import binom, norm

from sim.desk import Desk, Queues, Requests
from sim.study.capacity.search import Search, share_interval

CONFIRM = 40
CUSTOMERS, WARM = 4000, 500


def wait_at_most_a_minute(servers: int, load: float, rng: np.random.Generator) -> float:
    """Share of an M/M/c desk's customers who wait at most a minute; minutes of work are exponential with mean 1."""
    arrival = np.floor(np.cumsum(rng.exponential(1e6 / load, CUSTOMERS))).astype(np.int64)
    work = rng.exponential(1.0, CUSTOMERS) * 1e6
    desk = Desk([0, 2**56], Queues(klass=[0]), servers, attempts=1)
    desk.feed(
        Requests(id=np.arange(CUSTOMERS), queue=np.zeros(CUSTOMERS, np.int64), arrival=arrival, work=work)
    )
    desk.advance(2**56)
    cases, _ = desk.collect()
    wait = (cases.first_start - cases.arrival)[cases.id >= WARM] / 1e6
    return float((wait <= 1.0).mean())


def exact(servers: int, load: float) -> float:
    """Of M/M/c, by Erlang C: 1 - C exp(-(c - a) t) with t one minute."""
    return 1 - erlang_c(servers, load) * np.exp(-(servers - load)) if servers > load else 0.0


@pytest.mark.parametrize(("load", "goal"), [(7.0, 0.8), (12.5, 0.9), (18.0, 0.7)])
def test_the_staffing_of_erlang_c_is_found(load: float, goal: float) -> None:
    doses = range(1, 41)
    answer = next(c for c in doses if exact(c, load) >= goal)
    # the goal lies in the middle of what the two neighbours give, so that the answer does not hang on a hair
    target = (exact(answer, load) + exact(answer - 1, load)) / 2
    search = Search(doses, target, "high", 0.9, confirm=20, batch=5, most=len(doses) * 20 // 4)
    while (wanted := search.ask()) is not None:
        index, replications = wanted
        values = [
            wait_at_most_a_minute(int(search.doses[index]), load, np.random.default_rng([7, r]))
            for r in replications
        ]
        search.tell(index, values)
    found = search.finding()
    assert (found.state, search.doses[found.index]) == ("enough", answer)
    assert search.taken <= len(doses) * 20 // 4


def drive(curve: Callable[[float], float], target: float, seed: int, sd: float = 1.0) -> Search:
    """A search on a known curve; half of the variance of a replication is luck that all doses share."""
    search = Search(range(0, 101, 4), target, "low", 0.9, confirm=CONFIRM, most=26 * CONFIRM // 4, seed=seed)
    common = np.random.default_rng(seed).standard_normal(2000)
    while (wanted := search.ask()) is not None:
        index, reps = wanted
        own = np.random.default_rng([seed, index, reps.start]).standard_normal(len(reps))
        luck = np.sqrt(0.5) * (common[reps.start : reps.stop] + own)
        search.tell(index, curve(search.doses[index]) + sd * luck)
    return search


def steep(x: float) -> float:
    return 30 * np.exp(-x / 20) + 5


def bowl(x: float) -> float:
    """Training helps, and takes people off the desk: least at 50."""
    return 20 - 0.3 * x + 0.003 * x * x


@pytest.mark.parametrize(("curve", "target"), [(steep, 12.0), (bowl, 15.2), (lambda x: 20 - 0.15 * x, 12.0)])
def test_the_answer_is_within_a_step_of_the_truth_nine_times_of_ten(curve, target: float) -> None:
    doses = np.arange(0, 101, 4)
    enough = norm.cdf(target - np.array([curve(x) for x in doses])) >= 0.9
    truth = int(enough.argmax())
    near = 0
    for seed in range(20):
        search = drive(curve, target, seed)
        found = search.finding()
        near += found.state == "enough" and abs(found.index - truth) <= 1
        assert search.taken <= 26 * CONFIRM / 4
    assert near >= binom.ppf(0.0005, 20, 0.9)


def test_the_range_it_tells_holds_the_truth() -> None:
    """Nine tenths of the variance is luck that all doses share: a search that forgot it would be far too sure."""
    doses = np.arange(101)
    truth = int((norm.cdf(14.0 - (20 - 0.1 * doses)) >= 0.9).argmax())
    held = 0
    for seed in range(20):
        search = Search(doses, 14.0, "low", 0.9, confirm=CONFIRM, most=200, seed=seed)
        common = np.random.default_rng(seed).standard_normal(2000)
        while (wanted := search.ask()) is not None:
            index, reps = wanted
            own = np.random.default_rng([seed, index, reps.start]).standard_normal(len(reps))
            luck = np.sqrt(0.9) * common[reps.start : reps.stop] + np.sqrt(0.1) * own
            search.tell(index, 20 - 0.1 * search.doses[index] + luck)
        found = search.finding()
        held += found.low <= truth <= found.high
    assert held >= binom.ppf(0.0005, 20, 0.9)


def test_where_no_dose_is_enough_it_finds_the_peak() -> None:
    for seed in range(6):
        search = drive(bowl, 12.0, seed, sd=0.8)
        found = search.finding()
        assert found.state == "never"
        assert abs(search.doses[found.index] - 50) <= 8
        assert len(search.values[found.index]) >= CONFIRM


def test_the_peak_is_found_where_common_luck_is_far_larger_than_what_doses_do() -> None:
    """As on the small agency: replications vary by 4 minutes, doses by half of one, and some doses met less luck."""
    doses = np.arange(0, 241, 12)
    curve = sink(18.5, 25, 0.012)  # least at 36, half a minute below none
    found = [lucky(doses, curve, 9.0, seed, own=0.2, most=105) for seed in range(6)]
    assert sum(curve(dose) < curve(doses).min() + 0.1 for dose in found) >= 5


def test_a_peak_between_the_first_doses_tried_is_not_missed() -> None:
    """Tried at the ends and in the middle alone, this curve only gets worse."""
    doses = np.arange(0, 361, 12)
    curve = sink(18.2, 12, 0.009)  # least at 28, nearly a minute below none
    found = [lucky(doses, curve, 14.0, seed, own=0.3, most=155) for seed in range(6)]
    assert 0 not in found
    assert sum(curve(dose) < curve(doses).min() + 0.25 for dose in found) >= 5


def sink(level: float, soon: float, slope: float) -> Callable[[np.ndarray], np.ndarray]:
    """A curve that falls by 1.2 at first and climbs ever after."""
    return lambda x: level - 1.2 * (1 - np.exp(-x / soon)) + slope * x


def lucky(
    doses: np.ndarray,
    curve: Callable[[np.ndarray], np.ndarray],
    target: float,
    seed: int,
    *,
    own: float,
    most: int,
) -> float:
    """The dose that a search names best where no dose is enough; luck has an sd of 4 that all doses share."""
    search = Search(doses, target, "low", 0.9, confirm=20, most=most, seed=seed)
    common = np.random.default_rng(seed).standard_normal(2000)
    while (wanted := search.ask()) is not None:
        index, reps = wanted
        luck = np.random.default_rng([seed, index, reps.start]).standard_normal(len(reps))
        search.tell(index, curve(doses[index]) + 4 * common[reps.start : reps.stop] + own * luck)
    found = search.finding()
    assert found.state == "never"
    return float(doses[found.index])


def test_a_dose_that_is_enough_in_the_middle_only_is_found() -> None:
    for seed in range(6):
        search = drive(bowl, 14.2, seed, sd=0.5)  # enough from 35 to 65 or so, and neither at 0 nor at 100
        found = search.finding()
        assert found.state == "enough"
        assert 28 <= search.doses[found.index] <= 44


def test_replications_go_where_the_boundary_is() -> None:
    search = drive(steep, 12.0, 1)
    counts = {search.doses[i]: len(x) for i, x in search.values.items()}
    assert max(counts, key=lambda dose: counts[dose]) in (32, 36, 40)
    assert counts[0] == counts[100] == 10


def test_the_interval_of_a_share_is_exact() -> None:
    """Clopper and Pearson: the ends are where the observed count is as unlikely as the tail."""
    low, high = share_interval(36, 40)
    assert binom.sf(35, 40, low) == pytest.approx(0.025)
    assert binom.cdf(36, 40, high) == pytest.approx(0.025)
    assert share_interval(0, 10)[0] == 0
    assert share_interval(10, 10)[1] == 1
