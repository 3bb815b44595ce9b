"""Cases with known means for selection and intervals; run as a script it prints the table of docs/selection.md.

``python tests/theory/selection_cases.py`` from the root of the project: 1,000 macro-replications of each case, and 200
of the one that serves real queues.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from queueing import mmc_wait
from scipy.stats import binom

from sim.desk import Desk, Queues, Requests
from sim.intervals import counts, paired
from sim.study.selection.kim_nelson import KimNelson

PROBABILITY = 0.95
DELTA = 1.0

Draw = Callable[[np.random.Generator], Iterator[np.ndarray]]
"""Endless replications: float64[candidates], more is better."""


def band(runs: int, probability: float = PROBABILITY) -> tuple[int, int]:
    """Exact 99.9 % band of the number right out of `runs`, where each is right with `probability`."""
    low, high = binom.ppf([0.0005, 0.9995], runs, probability)
    return int(low), int(high)


def normal(means: np.ndarray, sd: float, correlation: float) -> Draw:
    """Normal observations with a common part: what common luck makes of them."""

    def draw(rng: np.random.Generator) -> Iterator[np.ndarray]:
        while True:
            own, common = rng.standard_normal(len(means)), rng.standard_normal()
            yield means + sd * (np.sqrt(1 - correlation) * own + np.sqrt(correlation) * common)

    return draw


def skewed(means: np.ndarray, sd: float) -> Draw:
    """Gamma observations with a skewness of 1.4, the common part among them."""

    def draw(rng: np.random.Generator) -> Iterator[np.ndarray]:
        while True:
            own, common = rng.gamma(2, 1, len(means)) - 2, rng.gamma(2, 1) - 2
            yield means + sd / 2 * (own + common)

    return draw


SLIPPAGE = np.array([DELTA, 0, 0, 0, 0])
"""The hardest means: all others just as far from the best as is worth detecting."""

CASES: dict[str, tuple[Draw, int]] = {
    "slippage, independent": (normal(SLIPPAGE, 2.0, 0.0), 0),
    "slippage, correlation 0.8": (normal(SLIPPAGE, 2.0, 0.8), 0),
    "best in the middle, evenly spaced": (normal(np.array([-2.0, -1, 1, 0, -3]), 2.0, 0.5), 2),
    "slippage, unequal spread": (normal(SLIPPAGE, np.array([1.0, 3, 2, 1, 4]), 0.0), 0),  # type: ignore[arg-type]
    "slippage, skewed": (skewed(SLIPPAGE, 2.0), 0),
}
"""Name -> observations and the best candidate."""


def select(draw: Draw, rng: np.random.Generator, delta: float = DELTA) -> KimNelson:
    """One macro-replication."""
    source = draw(rng)
    count = len(next(source))
    procedure = KimNelson(count, delta, PROBABILITY)
    while not procedure.done:
        procedure.feed(next(source))
    return procedure


def correct(draw: Draw, best: int, runs: int, seed: int, delta: float = DELTA) -> tuple[int, float]:
    """Macro-replications that selected the best, and the mean number of observations taken."""
    right, taken = 0, 0
    for rng in np.random.default_rng(seed).spawn(runs):
        procedure = select(draw, rng, delta)
        right += procedure.best == best
        taken += sum(at for at, _ in procedure.screened.values()) + procedure.n * len(procedure.alive)
    return right, taken / runs


def coverage(draw: Draw, means: np.ndarray, runs: int, seed: int, n: int) -> tuple[int, int]:
    """Out of `runs`: single intervals of a difference that hold it, and families that hold all theirs at once."""
    single = family = 0
    truth = means[1:] - means[0]
    for rng in np.random.default_rng(seed).spawn(runs):
        source = draw(rng)
        values = np.array([next(source) for _ in range(n)]).T
        alone = paired(values[1], values[0])
        single += alone.low <= truth[0] <= alone.high
        pairs = [paired(row, values[0], n_intervals=len(truth)) for row in values[1:]]
        family += all(p.low <= t <= p.high for p, t in zip(pairs, truth, strict=True))
    return single, family


def coverage_when_stopped(draw: Draw, means: np.ndarray, runs: int, seed: int, width: float) -> int:
    """Families that hold all their differences at once, where replications were added until a half-width was there."""
    family = 0
    truth = means[1:] - means[0]
    for rng in np.random.default_rng(seed).spawn(runs):
        source = draw(rng)
        values: list[np.ndarray] = []
        for look in counts(160):
            values += [next(source) for _ in range(look - len(values))]
            table = np.array(values).T
            pairs = [paired(row, table[0], n_intervals=len(truth)) for row in table[1:]]
            if max((p.high - p.low) / 2 for p in pairs) <= width:
                break
        family += all(p.low <= t <= p.high for p, t in zip(pairs, truth, strict=True))
    return family


SERVERS, CUSTOMERS, WARM = 2, 1500, 500
PACES = (1.0, 1.08, 0.96, 1.03)
"""Of the officers under four policies; the second is the best."""


def desks(rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Real queues under common luck: minus the mean wait of an M/M/2 desk, whose exact mean Erlang C gives."""
    while True:
        arrival = np.floor(np.cumsum(rng.exponential(1e6, CUSTOMERS))).astype(np.int64)
        work = rng.exponential(1.5, CUSTOMERS)
        waits = []
        for pace in PACES:
            desk = Desk([0, 2**56], Queues(klass=[0]), SERVERS, attempts=1)
            queue = np.zeros(CUSTOMERS, np.int64)
            desk.feed(Requests(id=np.arange(CUSTOMERS), queue=queue, arrival=arrival, work=work / pace * 1e6))
            desk.advance(2**56)
            cases, _ = desk.collect()
            late = cases.id >= WARM
            waits.append((cases.first_start - cases.arrival)[late].mean() / 1e6)
        yield -np.array(waits)


def desk_means() -> np.ndarray:
    """Minus the exact mean waits of the four."""
    return -np.array([mmc_wait(SERVERS, 1, 1.5 / pace) for pace in PACES])


def main() -> None:
    """Print the table of the docs."""
    runs = 1000
    print(f"99.9 % band of {runs}: {band(runs)}; of 200: {band(200)}")
    for number, (name, (draw, best)) in enumerate(CASES.items()):
        right, taken = correct(draw, best, runs, seed=number)
        print(f"| {name} | {right} of {runs} | {taken:.0f} |")
    means = desk_means()
    delta = float(np.sort(means)[-1] - np.sort(means)[-2])
    right, taken = correct(desks, int(means.argmax()), 200, seed=99, delta=delta)
    print(f"| M/M/2 desks, indifference {delta:.3f} | {right} of 200 | {taken:.0f} |")
    draw = CASES["slippage, correlation 0.8"][0]
    for n in (10, 20, 40):
        single, family = coverage(draw, SLIPPAGE, runs, seed=50 + n, n=n)
        print(f"| {n} replications | {single} | {family} |")
    for width in (0.5, 1.0):
        print(
            f"| stopped at a half-width of {width} | | {coverage_when_stopped(draw, SLIPPAGE, runs, 7, width)} |"
        )


if __name__ == "__main__":
    main()
