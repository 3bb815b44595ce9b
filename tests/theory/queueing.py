"""Exact results of queueing theory, and how a simulated mean is held against one.

Sources: Erlang (1917) for M/M/c; Pollaczek (1930) and Khinchine (1932) for M/G/1; Palm (1957) for abandonment
("Erlang A"); Cobham (1954) for priorities; all in Gross, Shortle, Thompson and Harris, Fundamentals of Queueing Theory.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

REPLICATIONS = 40


def erlang_c(servers: int, load: float) -> float:
    """Probability of waiting in M/M/c with offered load lambda / mu."""
    blocked = 1.0
    for n in range(1, servers + 1):  # Erlang B by its recursion
        blocked = load * blocked / (n + load * blocked)
    return blocked / (1 - load / servers * (1 - blocked))


def mmc_wait(servers: int, arrivals: float, service: float) -> float:
    """Mean wait in the queue of M/M/c: rate of arrivals, mean service."""
    load = arrivals * service
    return erlang_c(servers, load) * service / (servers - load)


def mg1_wait(arrivals: float, service: float, cv: float) -> float:
    """Mean wait in M/G/1 (Pollaczek-Khinchine): rate of arrivals, mean and coefficient of variation of service."""
    return arrivals * service**2 * (1 + cv**2) / 2 / (1 - arrivals * service)


def erlang_a(servers: int, arrivals: float, service: float, patience: float) -> tuple[float, float]:
    """Share that gives up, and mean wait of all, in M/M/c with exponential patience, by its birth-death chain."""
    n = np.arange(1, servers + 2000)
    departures = np.minimum(n, servers) / service + np.maximum(n - servers, 0) / patience
    p = np.concatenate([[1.0], np.exp(np.cumsum(np.log(arrivals / departures)))])
    p /= p.sum()
    waiting = float((np.maximum(np.arange(n.size + 1) - servers, 0) * p).sum())
    return waiting / patience / arrivals, waiting / arrivals


def cobham_waits(servers: int, arrivals: list[float], services: list[float], cv: float = 1.0) -> list[float]:
    """Mean wait by class, the first served first, without pre-emption.

    M/G/1 with a mean service a class, or M/M/c with one for all.
    """
    loads = [a * s for a, s in zip(arrivals, services, strict=True)]
    if servers == 1:
        residual = sum(a * s**2 * (1 + cv**2) / 2 for a, s in zip(arrivals, services, strict=True))
    else:
        residual = erlang_c(servers, sum(loads)) * services[0] / servers
    sigma = np.concatenate([[0.0], np.cumsum(loads)]) / servers
    return [residual / ((1 - above) * (1 - here)) for above, here in pairwise(sigma)]


def z_scores(
    replicate: Callable[[np.random.Generator], np.ndarray], exact: np.ndarray, seed: int
) -> np.ndarray:
    """How many standard errors the mean of independent replications lies from the exact values.

    The seeds are named by the test; what is expected never comes from a run.
    """
    streams = np.random.SeedSequence(seed).spawn(REPLICATIONS)
    runs = np.array([replicate(np.random.default_rng(stream)) for stream in streams])
    return (runs.mean(axis=0) - exact) / (runs.std(axis=0, ddof=1) / np.sqrt(REPLICATIONS))
