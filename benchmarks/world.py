"""Where a simulated year goes, and how soon a new process has its first answer.

    python -m benchmarks.world

Times are of one core of this machine at this moment; the shares are what can be compared.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections import defaultdict
from statistics import median

from sim.agency import load_agency
from sim.desk import Desk
from sim.levers import LEVERS, Policy, load_policy, policy_names, status_quo
from sim.runs.run import make_world
from sim.world import Scenario
from sim.world.office import Office
from sim.world.recorder import Recorder
from sim.world.service import ServiceBook

RUNS = 7
YEARS = 3
FIRST = (
    "import sim; r = sim.simulate(sim.load_agency('contoh'), sim.status_quo(), months=12);"
    "print(float(r.summary['waiting_minutes'].iloc[-1]))"
)
PARTS = {
    "drawing": (Office, ["month"]),
    "desk": (Desk, ["feed", "advance", "collect", "set_people", "set_roster", "set_complaining"]),
    "recording": (ServiceBook, ["close"]),
    "tables": (Recorder, ["outcomes", "summary"]),
}


def everything() -> Policy:
    """The status quo and one of every lever that ships, with what a shipped policy sets where one uses it."""
    policy = status_quo()
    for name in policy_names():
        policy = policy.plus(*load_policy(name).levers)
    missing = [cls() for name, cls in LEVERS.items() if name not in {lever.name for lever in policy.levers}]
    return policy.plus(*missing, name="everything")


def timed(spent: dict[str, float]) -> None:
    """Add up the process time of each part; what one part spends inside another counts once, for the inner."""
    inside: list[str] = []

    def wrap(part: str, function):  # type: ignore[no-untyped-def]
        def call(*args, **kwargs):  # type: ignore[no-untyped-def]
            start = time.process_time()
            inside.append(part)
            try:
                return function(*args, **kwargs)
            finally:
                took = time.process_time() - start
                inside.pop()
                spent[part] += took
                if inside:
                    spent[inside[-1]] -= took

        return call

    for part, (cls, names) in PARTS.items():
        for name in names:
            setattr(cls, name, wrap(part, getattr(cls, name)))


def main() -> None:
    agency, policy = load_agency("contoh"), everything()

    def run(months: int, burn_in: int) -> float:
        start = time.process_time()
        world = make_world(agency, policy, months=months, scenario=Scenario(burn_in=burn_in))
        world.run()
        world.recorder.outcomes()
        world.recorder.summary()
        return time.process_time() - start

    run(12, 12)
    years = [run(12 * YEARS, 36) / YEARS for _ in range(RUNS)]
    burn_in = [run(1, 36) for _ in range(RUNS)]
    print(f"small agency, {len(policy.levers)} levers on, {agency.officers} officers")
    print(f"  a simulated year, its share of the burn-in included: {median(years):.3f} s")
    print(f"  the burn-in of 36 months (with 1 month of study): {median(burn_in):.3f} s")
    spent: dict[str, float] = defaultdict(float)
    timed(spent)
    total = run(12 * YEARS, 36)
    for part, took in sorted(spent.items(), key=lambda item: -item[1]):
        print(f"  {part:<10} {took / total:6.1%}")
    print(f"  {'people':<10} {1 - sum(spent.values()) / total:6.1%}  (levers, effects, absence, set-up)")
    first = []
    for _ in range(3):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", FIRST], check=True, stdout=subprocess.DEVNULL)
        first.append(time.perf_counter() - start)
    print(f"first answer in a new process, warm cache: {median(first):.2f} s")


if __name__ == "__main__":
    main()
