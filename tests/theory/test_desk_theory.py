"""Claim: the desk gives the exact results of queueing theory: 40 replications, fixed test seeds, |z| <= 4.

Time is one enormously long working day with a million ticks to the mean time between arrivals. Each replication
starts empty, and the first `WARM` requests are left out. The slowest system here is M/M/8 at a load of .85, whose
relaxation time, 1 / (c mu (1 - sqrt(rho))^2), is 140 times between arrivals, so `WARM` is 21 of them and the bias that
is left below exp(-20) of what it was. Everyone who counts is served to the end, so nothing is censored.
"""

import numpy as np
import pytest
from queueing import cobham_waits, erlang_a, mg1_wait, mmc_wait, z_scores

from sim.desk import LEFT, NEVER, Cases, Desk, Jobs, Queues, Requests

UNIT = 1_000_000  # ticks between arrivals, on average
LONG = [0, 2**56]
WARM, COUNTED = 3_000, 20_000
N = WARM + COUNTED


def serve(
    rng: np.random.Generator,
    servers: int,
    work: np.ndarray,
    queues: Queues | None = None,
    **columns: np.ndarray,
) -> tuple[Cases, Jobs]:
    """Poisson arrivals of rate one a unit of time, served to the last; cases and jobs by id, which is by arrival."""
    desk = Desk(LONG, queues or Queues(klass=[0]), servers, attempts=1)
    arrival = np.floor(np.cumsum(rng.exponential(UNIT, len(work)))).astype(np.int64)
    columns = {"queue": np.zeros(len(work), np.int64)} | columns
    desk.feed(Requests(id=np.arange(len(work)), arrival=arrival, work=work * UNIT, **columns))
    desk.advance(LONG[-1])
    return desk.collect()


def waits(cases: Cases) -> np.ndarray:
    """Waits in the queue in units of time, by order of arrival; of those who gave up, until then."""
    until = np.where(cases.status == LEFT, cases.finish, cases.first_start)
    wait = np.empty(len(cases))
    wait[cases.id] = (until - cases.arrival) / UNIT
    return wait[WARM:]


@pytest.mark.parametrize(("servers", "load"), [(1, 0.7), (2, 0.8), (5, 0.8), (8, 0.85), (20, 0.8)])
def test_mmc(servers: int, load: float) -> None:
    service = load * servers

    def replicate(rng: np.random.Generator) -> np.ndarray:
        return np.array([waits(serve(rng, servers, rng.exponential(service, N))[0]).mean()])

    z = z_scores(replicate, np.array([mmc_wait(servers, 1, service)]), seed=servers)
    assert np.abs(z).max() <= 4


@pytest.mark.parametrize("cv", [0.0, 0.5, 1.5])
def test_mg1(cv: float) -> None:
    """Pollaczek-Khinchine, for constant, gamma (Erlang-4) and lognormal services."""
    service = 0.6

    def work(rng: np.random.Generator) -> np.ndarray:
        if cv == 0.0:
            return np.full(N, service)
        if cv < 1:
            return rng.gamma(1 / cv**2, service * cv**2, N)
        sigma = np.sqrt(np.log(1 + cv**2))
        return rng.lognormal(np.log(service) - sigma**2 / 2, sigma, N)

    def replicate(rng: np.random.Generator) -> np.ndarray:
        return np.array([waits(serve(rng, 1, work(rng))[0]).mean()])

    assert np.abs(z_scores(replicate, np.array([mg1_wait(1, service, cv)]), seed=11)).max() <= 4


@pytest.mark.parametrize(("servers", "load", "patience"), [(1, 1.3, 2.0), (5, 0.9, 1.0), (8, 1.2, 10.0)])
def test_abandonment(servers: int, load: float, patience: float) -> None:
    """Erlang A: the share that gives up and the mean wait of all."""
    service = load * servers

    def replicate(rng: np.random.Generator) -> np.ndarray:
        cases, _ = serve(
            rng,
            servers,
            rng.exponential(service, N),
            patience=np.rint(rng.exponential(patience * UNIT, N)).astype(int),
        )
        return np.array([(cases.status[cases.id >= WARM] == LEFT).mean(), waits(cases).mean()])

    assert np.abs(z_scores(replicate, np.array(erlang_a(servers, 1, service, patience)), seed=21)).max() <= 4


@pytest.mark.parametrize(
    ("servers", "shares", "services"), [(1, [0.4, 0.6], [0.5, 1.0]), (4, [0.3, 0.7], [3.2, 3.2])]
)
def test_two_classes_without_preemption(servers: int, shares: list[float], services: list[float]) -> None:
    """Cobham."""

    def replicate(rng: np.random.Generator) -> np.ndarray:
        queue = (rng.random(N) >= shares[0]).astype(np.int64)
        work = rng.exponential(np.array(services)[queue])
        wait = waits(serve(rng, servers, work, Queues(klass=[0, 1]), queue=queue)[0])
        return np.array([wait[queue[WARM:] == klass].mean() for klass in (0, 1)])

    assert np.abs(z_scores(replicate, np.array(cobham_waits(servers, shares, services)), seed=31)).max() <= 4


def test_utilisation_and_equal_shares() -> None:
    """Officers are busy lambda / (c mu) of the time, each of them: who is idle longest is next."""
    servers, service = 6, 4.2

    def replicate(rng: np.random.Generator) -> np.ndarray:
        _, jobs = serve(rng, servers, rng.exponential(service, N))
        start, end = WARM * UNIT, (N - 1_000) * UNIT  # a window of time, which arrivals outlast
        worked = np.clip(jobs.finish, start, end) - np.clip(jobs.start, start, end)
        return np.bincount(jobs.officer, worked, servers) / (end - start)

    assert np.abs(z_scores(replicate, np.full(servers, service / servers), seed=41)).max() <= 4


def test_pace_divides_the_work() -> None:
    """Officers of rate 2 are servers of half the service; errors have their probability."""
    servers, service = 3, 4.0

    def replicate(rng: np.random.Generator) -> np.ndarray:
        desk = Desk(LONG, Queues(klass=[0]), servers, attempts=1)
        desk.set_people(np.full((servers, 1), 2.0), np.full((servers, 1), 0.3), np.ones((servers, 1), bool))
        arrival = np.floor(np.cumsum(rng.exponential(UNIT, N))).astype(np.int64)
        work = rng.exponential(service * UNIT, N)
        desk.feed(Requests(id=np.arange(N), queue=0, arrival=arrival, work=work, u_error=rng.random(N)))
        desk.advance(LONG[-1])
        cases, jobs = desk.collect()
        return np.array([waits(cases).mean(), jobs.error.mean()])

    assert np.abs(z_scores(replicate, np.array([mmc_wait(servers, 1, service / 2), 0.3]), seed=51)).max() <= 4


def test_files_do_not_notice_the_night() -> None:
    """With officers always there, suspended file work makes many short days the same as one long day, to the tick."""
    rng = np.random.default_rng(61)
    n = 3_000
    columns = {
        "id": np.arange(n),
        "queue": 0,
        "arrival": np.sort(rng.integers(0, 10**6, n)),
        "work": rng.exponential(900.0, n),
        "patience": np.where(rng.random(n) < 0.5, rng.integers(1, 3_000, n), NEVER),
    }
    told = []
    for day_start in ([0, 2 * 10**6], np.arange(0, 2 * 10**6 + 1, 500)):
        desk = Desk(day_start, Queues(klass=[0], suspends=True), officers=3)
        desk.feed(Requests(**columns))
        desk.advance(2 * 10**6)
        told.append([log.frame().to_numpy() for log in desk.collect()])
    assert len(told[0][1]) > n / 2
    assert all(np.array_equal(a, b) for a, b in zip(*told, strict=True))
