"""Random weeks at a desk, for holding the compiled desk and its SimPy reference equal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.desk import NEVER, Queues, Requests

ATTEMPTS = 3


@dataclass
class Week:
    """A desk and what is done to it: (tick, method, arguments), in order of time."""

    day_start: np.ndarray
    queues: Queues
    officers: int
    actions: list[tuple[int, str, tuple[Any, ...]]]
    shuts: np.ndarray


def random_week(seed: int, coarse: bool, requests: int = 60, changes: int = 29) -> Week:
    """A random week of up to so many requests and changes; ties abound where the clock is coarse (7-1,000 a day)."""
    rng = np.random.default_rng(seed)
    length = int(rng.integers(7, 1001) if coarse else rng.integers(10**6, 3 * 10**7))
    days = int(rng.integers(1, 8))
    day_start = np.concatenate([[0], np.cumsum(rng.integers(max(1, length // 2), length + 1, days))])
    end = int(day_start[-1])
    officers, n_queues = int(rng.integers(0 if rng.random() < 0.05 else 1, 7)), int(rng.integers(1, 6))
    queues = random_queues(rng, n_queues)
    shuts = rng.random(days + 1) < rng.choice([0.2, 0.7, 1.0])

    n = int(rng.integers(0, requests + 1))
    jobs = ATTEMPTS * (queues.steps if rng.random() < 0.7 else 1)
    load = rng.uniform(0.3, 1.5) * max(1, officers) * end / max(1, n)
    arrival = rng.integers(0, end, n)
    if rng.random() < 0.3:  # crowds at the door
        arrival = rng.choice(np.append(day_start[:-1], arrival[: 1 + n // 10]), n)
    all_requests = {
        "id": rng.permutation(10 * n + 1)[:n],
        "queue": rng.integers(0, n_queues, n),
        "arrival": arrival,
        "due": np.where(rng.random(n) < 0.3, rng.choice(day_start, n), arrival + rng.integers(0, end, n)),
        "patience": random_patience(rng, n, length),
        "work": rng.choice([rng.exponential(load, (n, jobs)), rng.integers(0, load + 1, (n, jobs)) * 1.0]),
        "u_error": rng.random((n, jobs)),
        "u_branch": rng.random((n, jobs)),
        "attention": random_attention(rng, (n, jobs), length),
        "returns": rng.random(n) < rng.choice([0.0, 0.5, 1.0]),
        "rework_delay": rng.integers(0, rng.choice([1, 5, length]) + 1, n),
        "u_complain": rng.random(n),
        "u_triage": rng.random(n),
        "complaint_class": rng.integers(0, max(1, len(queues.complaint_clock)), n),
        "complaint_delay": rng.integers(1, rng.choice([1, 5, length]) + 1, n),
        "complaint_work": rng.exponential(load, (n, jobs)),
        "complaint_u_error": rng.random((n, jobs)),
        "complaint_u_branch": rng.random((n, jobs)),
        "complaint_attention": random_attention(rng, (n, jobs), length),
    }

    marks = np.concatenate(
        [rng.integers(0, end + 1, changes), day_start, rng.choice(arrival, 3) if n else []]
    )
    ticks = np.sort(rng.choice(marks, int(rng.integers(0, changes + 1)))).astype(int)
    actions: list[tuple[int, str, tuple[Any, ...]]] = []
    if rng.random() < 0.9:
        actions += [(0, "set_people", random_people(rng, officers, n_queues))]
    if len(queues.complaint_clock):
        actions += [(0, "set_complaining", (rng.uniform(0, 1, (n_queues, 3)), rng.uniform(0, 1)))]
    fed = np.zeros(n, bool)
    for tick in [0, *ticks.tolist()]:
        if tick < end:
            piece = ~fed & ((arrival < tick + length) | (rng.random(n) < 0.2))
            piece &= arrival >= tick
            fed |= piece
            actions += [(tick, "feed", (Requests(**{name: x[piece] for name, x in all_requests.items()}),))]
        kind = rng.integers(0, 7)
        if kind == 0:
            actions += [(tick, "set_people", random_people(rng, officers, n_queues))]
        elif kind == 1 and tick < end:
            today = int(np.searchsorted(day_start, tick, side="right")) - 1
            first = int(rng.integers(today, days))
            listed = slice(first, first + int(rng.integers(1, days - first + 1)))
            actions += [(tick, "set_roster", (first, random_roster(rng, day_start, listed, officers)))]
        elif kind == 2 and len(queues.complaint_clock):
            actions += [(tick, "set_complaining", (rng.uniform(0, 1, (n_queues, 3)), rng.uniform(0, 1)))]
        elif kind == 3:
            actions += [(tick, "collect", ())]
        elif kind == 4:
            klass = rng.integers(0, 3, n_queues)
            actions += [(tick, "set_order", (klass, (rng.random(3) < 0.5)[klass]))]
        elif kind == 5:
            rates = rng.choice([0, 1 / 1024, 0.5, 1, rng.uniform(0, 3)], n_queues)
            actions += [(tick, "set_attention", (rates,))]
        else:
            actions += [(tick, str(rng.choice(["waiting", "in_service", "pending", "unnoticed"])), ())]
    return Week(day_start, queues, officers, actions, shuts)


def random_queues(rng: np.random.Generator, n: int) -> Queues:
    """Queues of every kind; the last one or two may take complaints."""
    klass = rng.integers(0, 3, n)
    classes = int(rng.integers(0, min(3, n + 1)))
    routes = random_routes(rng, n) if rng.random() < 0.6 else {}
    return Queues(
        **routes,
        klass=klass,
        by_due=(rng.random(3) < 0.5)[klass],
        suspends=rng.random(n) < 0.5,
        sent_home=rng.random(n) < 0.5,
        rework=np.where(rng.random(n) < 0.7, rng.integers(0, n, n), -1),
        complaint_base=n - classes if classes else -1,
        complaint_clock=rng.integers(0, 4, classes),
    )


def random_routes(rng: np.random.Generator, n: int) -> dict[str, np.ndarray]:
    """Steps, branches to later steps, hand-offs, queues without staff, queues that hold."""
    step, wide = rng.integers(0, 4, n), int(rng.integers(1, 4))
    later = [[-1, *np.flatnonzero(step > step[q])] for q in range(n)]
    return {
        "step": step,
        "next": np.array([rng.choice(queues, wide) for queues in later]),
        "branch": rng.dirichlet(np.ones(wide), n),
        "hand_off": rng.choice([0, 1, 5], n),
        "impatient": rng.random(n) < 0.7,
        "staffed": rng.random(n) < 0.8,
        "holds": rng.random(n) < 0.4,
    }


def random_attention(rng: np.random.Generator, shape: tuple[int, int], length: int) -> np.ndarray:
    """From noticed at once to never."""
    kinds = np.stack(
        [np.zeros(shape), rng.integers(0, 3, shape), rng.uniform(0, length, shape), np.full(shape, NEVER)]
    )
    return np.take_along_axis(kinds, rng.choice(4, (1, *shape), p=[0.3, 0.2, 0.4, 0.1]), axis=0)[0]


def random_patience(rng: np.random.Generator, n: int, length: int) -> np.ndarray:
    """From none at all to more than a life."""
    kinds = np.stack(
        [rng.integers(0, 3, n), rng.integers(0, length, n), np.full(n, 50 * length), np.full(n, NEVER)]
    )
    return kinds[rng.choice(4, n, p=[0.1, 0.3, 0.2, 0.4]), np.arange(n)]


def random_people(rng: np.random.Generator, officers: int, queues: int) -> tuple[np.ndarray, ...]:
    """Pace, probability of error and eligibility."""
    shape = (officers, queues)
    rate = rng.choice([np.ones(shape), rng.uniform(0.3, 3, shape)])
    return rate, rng.uniform(0, rng.uniform(0, 1), shape), rng.random(shape) < rng.uniform(0.3, 1)


def random_roster(rng: np.random.Generator, day_start: np.ndarray, days: slice, officers: int) -> np.ndarray:
    """Absent, leaving early, there to closing and beyond, coming late, or out for a break or two."""
    opening, closing = day_start[:-1][days, None], day_start[1:][days, None]
    early = rng.integers(opening, closing, (len(opening), officers))
    kind = rng.random(early.shape)
    until = np.where(kind < 0.3, opening - (kind < 0.1), np.where(kind < 0.7, early, closing + (kind < 0.8)))
    if rng.random() < 0.4:
        return until
    shape = (*early.shape, int(rng.integers(1, 5)))
    turns = np.sort(rng.integers(opening[:, None] - 1, closing[:, None] + 2, shape), axis=2)
    turns[kind < 0.3, 0] = (opening - 1 + 0 * early)[kind < 0.3]  # comes late
    return turns


def outcome(desk_class: type, week: Week) -> dict[str, np.ndarray]:
    """Everything the desk told, from all collections together and at every look, in an order of its own."""
    desk = desk_class(week.day_start, week.queues, week.officers, ATTEMPTS, week.shuts)
    logs, looks = [], []
    for tick, method, arguments in week.actions:
        desk.advance(tick)
        told = getattr(desk, method)(*arguments)
        if method == "collect":
            logs.append(told)
        elif told is not None:
            looks.append(told)
    desk.advance(int(week.day_start[-1]) + 1)
    logs.append(desk.collect())
    looks += [desk.waiting(), desk.in_service(), desk.pending(), desk.unnoticed()]
    result = {"looks": np.concatenate(looks)}
    for i, (kind, key) in enumerate(
        [("cases", ("id", "finish")), ("jobs", ("id", "finish", "queue", "attempt"))]
    ):
        columns = {name: np.concatenate([vars(log[i])[name] for log in logs]) for name in vars(logs[0][i])}
        order = np.lexsort([columns[name] for name in reversed(key)])
        result |= {f"{kind}.{name}": x[order] for name, x in columns.items()}
    return result


def differences(week: Week, one: type, other: type) -> list[str]:
    """Names of what the two desks tell differently."""
    a, b = outcome(one, week), outcome(other, week)
    return [name for name in a if not np.array_equal(a[name], b[name])]
