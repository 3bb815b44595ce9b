"""What a further policy of a study costs, relative to the first: draws and the burn-in are shared.

    python -m benchmarks.policies [agency]

Ratios are of user CPU time of this process, in interleaved pairs of one run and a group; median [least .. most]. Before
anything is printed the tables of every policy are held to be the same as alone, to the byte.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable
from statistics import median
from typing import Any

import pandas as pd

from sim.agency import load_agency
from sim.desk import warm
from sim.levers import load_policy
from sim.runs.beside import most, run_group
from sim.runs.job import Job
from sim.runs.run import simulate
from sim.world import Scenario

MONTHS, PAIRS = 36, 7
POLICIES = ("status_quo", "feedback_and_training", "citizen_feedback", "ict_training", "dashboard")


def user(function: Callable[[], Any]) -> tuple[float, Any]:
    """User CPU seconds of one call, and what it returned."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    result = function()
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime - before, result


def main(name: str = "contoh") -> None:
    """Measure and print."""
    warm()
    agency = load_agency(name)
    jobs = [Job((p,), agency, load_policy(p), 1, 3, MONTHS, Scenario()) for p in POLICIES]
    jobs = jobs[: most(jobs[0])]
    pairs = PAIRS if agency.officers < 2_000 else 1
    run_group(simulate, [Job(("warm",), agency, jobs[0].policy, 1, 3, 1, Scenario(burn_in=1))] * 2)
    ratios, firsts = [], []
    for pair in range(pairs):
        first, _ = user(lambda: run_group(simulate, jobs[:1]))
        whole, together = user(lambda: run_group(simulate, jobs))
        firsts.append(first)
        ratios.append((whole - first) / (len(jobs) - 1) / first)
        if pair == 0:
            most_memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            for job, (tables, _) in zip(jobs, together, strict=True):
                alone = run_group(simulate, [job])[0][0]
                for table in ("outcomes", "summary", "costs"):
                    pd.testing.assert_frame_equal(
                        getattr(alone, table), getattr(tables, table), check_exact=True
                    )
    print(
        f"{name}, {MONTHS} months after a burn-in of 36, {len(jobs)} policies: a further policy costs "
        f"{median(ratios):.2f} [{min(ratios):.2f} .. {max(ratios):.2f}] of the first ({min(firsts):.2f} s at best), "
        f"{pairs} pairs, every table the same bytes as alone; at most {most_memory:.0f} MB"
    )


if __name__ == "__main__":
    main(*sys.argv[1:2])
