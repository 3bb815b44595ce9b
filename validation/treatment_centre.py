"""The treatment centre of Nelson (2013) as an agency whose services are routes, held against a plain SimPy model.

Patients arrive from 6:00 to midnight by a Poisson process whose rate changes by the hour. All are triaged; 12 % are
trauma patients, who are stabilised and then treated in a cubicle of their own; the others register, are examined, and
60 % of them are treated. The published model is followed for 19 hours. Source of every number below: Nelson (2013),
Foundations and Methods of Stochastic Simulation, exercise 13, with the values of its open implementation (Monks et al.,
treat-sim 3.0, MIT licence): two trauma bays, three examination rooms, one of everything else. Numbers only are taken,
no code.

The agency says the same with what every agency has. Its office is open eight hours on Mondays to Wednesdays, so an hour
of the centre is an eighth of a working day, and the 18 hours of arrivals are spread over three days: three services
with the same route, which share their officers. All work is file work, which closing interrupts and opening resumes, so
that nights do not exist. Officers are alike. The published normal distribution of examinations is a gamma of the same
mean and variance here (coefficient of variation .11).
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Generator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import simpy

from sim.agency import Agency, Demand, Fact, Hours, Service, Step, load_agency
from sim.agency.frames import refuse_wrong
from sim.calendar import TICKS_PER_HOUR, TICKS_PER_MINUTE
from sim.levers import Policy
from sim.runs.run import make_world
from sim.world import Scenario
from validation.proofs import CENTRE

RATES = (
    2.3666667, 2.8, 8.8333333, 10.4333333, 14.8, 26.2666667, 31.4, 18.0666667, 16.4666667,
    12.0333333, 11.6, 28.8666667, 18.0333333, 11.5, 5.3, 4.0666667, 2.2, 2.1,
)  # fmt: skip
"""Patients per hour, from 6:00 on."""
HOURS = 19
TRAUMA, TREATED = 0.12, 0.6
POOLS = {
    # code: (staff, mean minutes, variance, distribution)
    "triage": (1, 3.0, 9.0, "exponential"),
    "registration": (1, 5.0, 2.0, "lognormal"),
    "examination": (3, 16.0, 3.0, "normal"),
    "treatment": (1, 13.3, 2.0, "lognormal"),
    "trauma": (2, 90.0, 8100.0, "exponential"),
    "trauma_treatment": (1, 30.0, 4.0, "lognormal"),
}
"""Places of the centre, with the times they take."""
REPLICATIONS = 200
SEED = 2013
MOST, ABOVE_TWO = 3.5, 1
"""Largest |z| of the six, and how many may be above 2."""


# ---- the agency

WORDS: dict[str, Any] = {
    "label_id": "Pusat perawatan",
    "label_en": "Treatment centre",
    "source": "Nelson (2013)",
}
WORDS["status"] = "V2"


def centre() -> Agency:
    """Return the treatment centre as an agency: one unit, three services with one route, ten officers."""
    base = load_agency("contoh")
    ways: dict[str, Any] = {
        "triage": {"skips": TRAUMA, "skips_to": "trauma"},
        "examination": {"ends": 1 - TREATED},
    }
    ways["treatment"] = {"ends": 1.0}
    reach = {"triage": 1.0, "trauma": TRAUMA, "trauma_treatment": TRAUMA}
    reach |= {"registration": 1 - TRAUMA, "examination": 1 - TRAUMA, "treatment": (1 - TRAUMA) * TREATED}
    services, steps, demand = [], [], []
    for day in range(3):
        code, rates = f"day{day + 1}", np.zeros(8)
        rates[: len(RATES[8 * day : 8 * day + 8])] = RATES[8 * day : 8 * day + 8]
        services.append(
            Service(
                **WORDS, service=code, unit="centre", channel="file", demand=float(rates.sum()), staff=1,
                work=sum(reach[step] * mean for step, (_n, mean, _v, _k) in POOLS.items()), work_cv=1, error=0.0,
                priority=0, expected_wait=60.0,
            )
        )  # fmt: skip
        for step, (staff, mean, variance, kind) in POOLS.items():
            steps.append(
                Step(
                    **WORDS, service=code, step=step, place="file", who="front", error=0.0,
                    staff=None if step == "triage" else staff, work=mean,
                    work_kind="gamma" if kind == "normal" else kind, work_cv=float(np.sqrt(variance)) / mean,
                    **ways.get(step, {}),
                )
            )  # fmt: skip
        factors = {"weekday": np.arange(3) == day, "hour": rates / rates.mean()}
        demand += [
            Demand(service=code, period=period, index=k, factor=float(f), source="Nelson (2013)", status="V2")
            for period, values in factors.items()
            for k, f in enumerate(values, start=1)
        ]
    unit = replace(base.units[0], unit="centre", pns=10, pppk=0, absence=0.0, utilisation=None)
    hours = Hours(unit="centre", weekday=1, open="08:00", close="16:00", source="Nelson (2013)", status="V2")
    facts = {"complain_error": "0", "complain_left": "0", "complain_fine": "0"}
    alike = Fact(key="officers_alike", value="1", unit="0 or 1", source="Nelson (2013)", status="V2")
    return replace(
        base,
        units=(unit,),
        services=tuple(services),
        steps=tuple(steps),
        demand=tuple(demand),
        hours=tuple(replace(hours, weekday=day) for day in (1, 2, 3)),
        programmes=(),
        facts=(*(replace(f, value=facts.get(f.key, f.value)) for f in base.facts), alike),
    )


NOBODY = Policy("none", before=Policy("none"))
NOVEMBER = Scenario(start=date(2026, 11, 1), burn_in=0)
"""Begins on a Monday."""


def of_agency(agency: Agency, replication: int) -> np.ndarray:
    """Return the six mean waits of one replication, in minutes: those that ended within 19 hours."""
    world = make_world(agency, NOBODY, seed=SEED, replication=replication, months=1, scenario=NOVEMBER)
    world.service.traced = ("centre", [])
    world.run()
    (jobs,), names = world.service.traced_jobs, np.array(world.offices[0].layout.name)
    within = jobs.start < HOURS * TICKS_PER_HOUR
    wait, where = (jobs.start - jobs.joined)[within] / TICKS_PER_MINUTE, names[jobs.queue[within]]
    return np.array([wait[where == code].mean() if (where == code).any() else np.nan for code in POOLS])


# ---- the same in plain SimPy


def in_simpy(rng: np.random.Generator) -> np.ndarray:
    """Return the six mean waits of one replication of the model as it is published, in SimPy."""
    env = simpy.Environment()
    pools = {code: simpy.Resource(env, staff) for code, (staff, *_times) in POOLS.items()}
    waits: dict[str, list[float]] = {code: [] for code in POOLS}

    def visit(code: str) -> Generator[simpy.Event, Any, None]:
        came = env.now
        with pools[code].request() as turn:
            yield turn
            waits[code].append(env.now - came)
            yield env.timeout(duration(rng, *POOLS[code][1:]))

    def patient() -> Generator[simpy.Event, Any, None]:
        yield from visit("triage")
        if rng.random() < TRAUMA:
            yield from visit("trauma")
            yield from visit("trauma_treatment")
            return
        yield from visit("registration")
        yield from visit("examination")
        if rng.random() < TREATED:
            yield from visit("treatment")

    def arrivals() -> Generator[simpy.Event, Any, None]:
        most = max(RATES)
        while True:
            yield env.timeout(rng.exponential(60 / most))
            hour = int(env.now // 60)
            if hour < len(RATES) and rng.random() < RATES[hour] / most:
                env.process(patient())

    env.process(arrivals())
    env.run(until=HOURS * 60)
    return np.array([np.mean(waits[code]) if waits[code] else np.nan for code in POOLS])


def duration(rng: np.random.Generator, mean: float, variance: float, kind: str) -> float:
    """Draw a time from a published distribution."""
    if kind == "exponential":
        return float(rng.exponential(mean))
    if kind == "normal":
        return max(0.5, float(rng.normal(mean, np.sqrt(variance))))
    sigma = np.sqrt(np.log1p(variance / mean**2))
    return float(rng.lognormal(np.log(mean) - sigma**2 / 2, sigma))


# ---- the proof


@dataclass(frozen=True)
class Comparison:
    """Mean waits in both models, minutes, by place.

    Attributes
    ----------
    ours, theirs : float64[replications, 6]
    seconds : (float, float)
        Time of a replication, without what happens once.
    """

    ours: np.ndarray
    theirs: np.ndarray
    seconds: tuple[float, float]

    @property
    def z(self) -> np.ndarray:
        """Difference of the means in standard errors."""
        errors = [np.nanvar(x, axis=0, ddof=1) / np.isfinite(x).sum(axis=0) for x in (self.ours, self.theirs)]
        return np.asarray(
            (np.nanmean(self.ours, axis=0) - np.nanmean(self.theirs, axis=0)) / np.sqrt(sum(errors))
        )

    @property
    def holds(self) -> bool:
        """Whether the two agree as closely as was asked for beforehand."""
        z = np.abs(self.z)
        return bool(z.max() <= MOST and (z > 2).sum() <= ABOVE_TWO)


def compare(replications: int) -> Comparison:
    """Run both models so many times."""
    agency = centre()
    refuse_wrong(agency)
    of_agency(agency, replications)  # compiles, and makes the calendar
    start = time.process_time()
    ours = np.array([of_agency(agency, k) for k in range(replications)])
    between = time.process_time()
    seeds = np.random.SeedSequence(SEED).spawn(replications)
    theirs = np.array([in_simpy(np.random.default_rng(seed)) for seed in seeds])
    end = time.process_time()
    return Comparison(ours, theirs, ((between - start) / replications, (end - between) / replications))


def lines(*things: Any) -> int:
    """Count lines of code without docstrings, comments and blank lines."""
    total = 0
    for thing in things:
        code = [row.strip() for row in inspect.getsource(thing).splitlines()]
        total += sum(bool(row) and not row.startswith(("#", '"""')) for row in code)
    return total


def table(found: Comparison) -> str:
    """Write the comparison as Markdown."""
    rows = ["| place | agency | SimPy | difference | z |", "|---|---:|---:|---:|---:|"]
    means = np.nanmean(found.ours, axis=0), np.nanmean(found.theirs, axis=0)
    for name, ours, theirs, z in zip(POOLS, *means, found.z, strict=True):
        rows.append(f"| {name} | {ours:.2f} | {theirs:.2f} | {ours - theirs:+.2f} | {z:+.2f} |")
    days = 4  # of the centre: one in each week of the month
    speed, z = days * found.seconds[1] / found.seconds[0], np.abs(found.z)
    ours, theirs = lines(centre), lines(in_simpy, duration)
    return f"""\
Mean waits in minutes over 19 hours, {len(found.ours)} replications of each, seed {SEED}.

{chr(10).join(rows)}

The largest |z| is {z.max():.2f}, and {(z > 2).sum()} of six are above 2; asked for beforehand were at most {MOST} and
at most {ABOVE_TWO}. The agency is {ours} lines, none of them in `src`; the SimPy model is {theirs}. A day of the centre
is simulated {speed:.1f} times as fast as in SimPy, in a world with officers and all that is recorded of them (process
time, one run)."""


def run(replications: int = REPLICATIONS) -> int:
    """Run the proof, write its table where all replications were asked for, and return how many conditions failed."""
    digest = CENTRE.digest()
    found = compare(replications)
    text = table(found)
    print(text)
    if replications == REPLICATIONS:
        CENTRE.write(text, digest)
    return int(not found.holds)
