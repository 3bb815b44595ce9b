"""What docs/selection.md says of the search for capacity: ``python -m benchmarks.capacity``.

On known curves, how often the answer is right and what it takes beside a grid; on the small agency, the frontier of
seats that take nobody off the desk, and the peak of seats that do.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy.stats import norm

from sim.agency import load_agency
from sim.intervals import half_width
from sim.levers import Training, status_quo
from sim.runs.search_runs import SearchRuns
from sim.study.capacity.design import CapacityStudy
from sim.study.capacity.doses import dosed
from sim.study.capacity.search import Search
from sim.world import Scenario

DOSES = np.arange(0, 101, 4)
CONFIRM, SEARCHES = 40, 40
CURVES = {
    "steep: 5 + 30 exp(-x / 20), target 12": (lambda x: 5 + 30 * np.exp(-x / 20), 12.0),
    "straight: 20 - 0.15 x, target 12": (lambda x: 20 - 0.15 * x, 12.0),
    "gentle: 20 - 0.1 x, target 14": (lambda x: 20 - 0.1 * x, 14.0),
    "bowl: 20 - 0.3 x + 0.003 x^2, target 15.2": (lambda x: 20 - 0.3 * x + 0.003 * x**2, 15.2),
}


def known_curves() -> None:
    """Searches on curves whose answer is known; half of the variance of a replication is luck all doses share."""
    grid = len(DOSES) * CONFIRM
    print(f"| curve | exact | within a step | told range holds it | replications (a grid: {grid}) |")
    for name, (curve, target) in CURVES.items():
        truth = int((norm.cdf(target - curve(DOSES)) >= 0.9).argmax())
        exact = near = held = taken = 0
        for seed in range(SEARCHES):
            search = Search(DOSES, target, "low", 0.9, confirm=CONFIRM, most=grid // 4, seed=seed)
            common = np.random.default_rng(seed).standard_normal(grid)
            while (wanted := search.ask()) is not None:
                index, reps = wanted
                own = np.random.default_rng([seed, index, reps.start]).standard_normal(len(reps))
                luck = np.sqrt(0.5) * (common[reps.start : reps.stop] + own)
                search.tell(index, curve(search.doses[index]) + luck)
            found = search.finding()
            exact += found.state == "enough" and found.index == truth
            near += found.state == "enough" and abs(found.index - truth) <= 1
            held += found.low <= truth <= found.high
            taken += search.taken
        print(f"| {name} | {exact} | {near} | {held} of {SEARCHES} | {taken / SEARCHES:.0f} |", flush=True)


def nobody_leaves_the_desk() -> None:
    """Coaching at work: each step up, paired over replications, with intervals that hold together."""
    agency = load_agency("contoh")
    plan = status_quo().plus(
        Training(course="technical-coaching", classes=12, nomination="rota"), name="plan"
    )
    runs = SearchRuns(agency, seed=1, months=12, scenario=Scenario(utilisation=0.9))
    doses = (0, 15, 30, 45, 90, 180)
    waits = [runs.values(dosed(plan, ["training"], "seats", d), range(10), "waiting_minutes") for d in doses]
    print("| seats | mean wait | step, with its interval |")
    for i, dose in enumerate(doses):
        step = waits[i] - waits[i - 1] if i else np.zeros(10)
        half = half_width(step, len(doses) - 1)
        print(f"| {dose} | {waits[i].mean():.2f} | {step.mean():+.2f} ± {half:.2f} |", flush=True)


def everyone_leaves_the_desk() -> None:
    """A course that may be repeated every month and takes two days: it teaches once, and costs two days each time."""
    agency = load_agency("contoh")
    base = next(course for course in agency.courses if course.course == "technical-classroom")
    again = dataclasses.replace(base, course="again", days=2.0, jp=19.0)
    agency = dataclasses.replace(agency, courses=(*agency.courses, again))
    plan = status_quo().plus(Training(course="again", classes=12, nomination="rota"), name="plan")
    study = CapacityStudy(
        agency=agency,
        policy=plan,
        lever=("training",),
        outcome="waiting_minutes",
        target=14.0,
        high=360,
        step=12,
        years=2,
        window="13-24",
        confirm=20,
        futures=False,
        scenario=Scenario(utilisation=0.9),
    )
    found = study.run(progress=False)
    print(found, "why:", found.why, "best between", found.between, "of a grid of", found.manifest["grid"])
    print(found.frontier().round(2).to_string(index=False))
    print(found.sentence(lang="en"))
    print("| seats | mean wait in the second year | against none |")
    runs = SearchRuns(agency, seed=2, months=24, scenario=study.scenario)
    doses = (0, 12, 24, 36, 48, 60, 96, 180)
    waits = [runs.values(study.at(dose), range(40), study.outcome, study.window) for dose in doses]
    for dose, wait in zip(doses, waits, strict=True):
        gain = wait - waits[0]
        half = half_width(gain, len(doses) - 1) if dose else 0.0
        print(f"| {dose} | {wait.mean():.2f} | {gain.mean():+.2f} ± {half:.2f} |", flush=True)


if __name__ == "__main__":
    known_curves()
    nobody_leaves_the_desk()
    everyone_leaves_the_desk()
