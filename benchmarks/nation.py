"""What a city of 10,000 officers costs, and from it the nation's 4.3 million.

    python -m benchmarks.nation

One run of the full Makassar agency in this process, on one core: CPU seconds and the most memory held. The
extrapolation assumes that governments are run one by one, as studies do: they share no officers and no citizens, so the
cost is that of so many cities, and memory is that of one run a core.
"""

from __future__ import annotations

import resource
import sys
import time

from sim.agency import load_agency
from sim.desk import warm
from sim.levers import load_policy
from sim.runs.packing import pack
from sim.runs.run import simulate
from sim.world import Scenario

MONTHS = 12
OFFICERS_OF_THE_NATION = 4_300_000
POLICIES, REPLICATIONS, YEARS = 5, 20, 3
"""A study as people run them."""


def main() -> None:
    """Measure and extrapolate."""
    warm()
    agency, scenario = load_agency("makassar-full"), Scenario()
    officers = sum(unit.officers for unit in agency.units)
    before = _most_memory()
    began = time.process_time()
    tables = simulate(agency, load_policy("feedback_and_training"), months=MONTHS, scenario=scenario)
    seconds = time.process_time() - began
    months = MONTHS + scenario.burn_in
    kept = len(pack("run", tables))
    cities = OFFICERS_OF_THE_NATION / officers
    study = seconds / months * (12 * YEARS + scenario.burn_in) * POLICIES * REPLICATIONS / 3600
    print(
        f"{officers} officers in {len(agency.units)} units, {months} months ({scenario.burn_in} of burn-in)\n"
        f"{seconds:.1f} CPU seconds: {seconds / months:.2f} a month, "
        f"{seconds / months / officers * 1e6:.0f} a month for a million officers\n"
        f"{_most_memory():.0f} MB at most ({before:.0f} before the run); {kept / 1e6:.2f} MB kept of it on disk\n"
        f"{POLICIES} policies, {YEARS} years, {REPLICATIONS} replications: {study:.1f} core hours for the city, "
        f"{study * cities:.0f} for {cities:.0f} such cities ({study * cities / 500:.1f} h on 500 cores)"
    )


def _most_memory() -> float:
    """Megabytes this process has held at most."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024 * 1024 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main()
