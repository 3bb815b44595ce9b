"""Monthly outcomes of service and programme units, and the records of officers' own cases."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from sim.calendar import TICKS_PER_MINUTE
from sim.desk import DONE, LEFT, LOST, Cases, Jobs
from sim.world import satisfaction
from sim.world.calibration import expectations
from sim.world.office import DAY, PACE, Office
from sim.world.officers import Float

COURTESY_LOGIT = 0.3
"""Logits of participation per SD of a programme unit's courtesy (assumption)."""
REACH_HALF_LIFE = 24.0
"""Months after which half of the gain from outreach is lost (assumption)."""
OUTPUT_NOISE = 0.15
"""SD of an officer's monthly programme output around that expected from pace, log scale (assumption)."""


class ServedWorld(Protocol):
    """The parts of a world that the service book reads (see :class:`sim.world.World`)."""

    agency: Any
    scenario: Any
    months: int
    streams: Any
    calendar: Any
    officers: Any
    offices: list[Office]
    people: Any
    roster: Any
    recorder: Any

    def by_unit(self, values: Any) -> Float: ...
    def effect_size(self, name: str) -> Any: ...


class ServiceBook:
    """Outcomes of service and programme units, and officers' own records.

    Attributes
    ----------
    jobs, busy, content, variance, errors, expected_errors : float64[n]
        Since the last appraisal: cases handled; minutes they took; minutes they take an average officer, and the
        variance of those; wrong answers; wrong answers that an average officer would have given.
    output : float64[n]
        Programme work since the last appraisal, in an average officer's months; zero in service units.
    months : int
        Months of the study since the last appraisal.
    reach : float64[units]
        Gain from outreach, logits of participation; half is lost in two years without outreach.
    traced : (str, list of Cases) or None
        Unit whose cases are kept, and the cases.
    """

    def __init__(self, world: ServedWorld) -> None:
        self._world = world
        n = len(world.officers)
        self.jobs, self.busy = np.zeros(n), np.zeros(n)
        self.content, self.variance = np.zeros(n), np.zeros(n)
        self.errors, self.expected_errors, self.output = np.zeros(n), np.zeros(n), np.zeros(n)
        self.months = 0
        self._open = {office.index: 0 for office in world.offices}
        self.reach = np.zeros(len(world.agency.units))
        self._programmes = {p.unit: p for p in world.agency.programmes}
        self.traced: tuple[str, list[Cases]] | None = None
        waiting, self._answered = expectations(world.agency, world.scenario.expectations)
        self._expected = {
            office.index: waiting[office.index] * np.array([s.expected_wait for s in office.services])
            for office in world.offices
        }

    @property
    def _present(self) -> Float:
        """Ticks that each officer was present in the latest month."""
        return np.asarray(self._world.roster.present)

    def forget(self) -> None:
        """Reset officers' records after an appraisal."""
        for record in (
            self.jobs,
            self.busy,
            self.content,
            self.variance,
            self.errors,
            self.expected_errors,
            self.output,
        ):
            record[:] = 0
        self.months = 0

    def close(self, month: int) -> None:
        """Serve to the end of a month of the study and record its outcomes."""
        world = self._world
        units = len(world.agency.units)
        columns: dict[str, Float] = {}

        def put(name: str, unit: int, value: float) -> None:
            columns.setdefault(name, np.full(units, np.nan))[unit] = value

        for office in world.offices:
            to = int(office.calendar.month_start[world.scenario.burn_in + month])
            to += month == world.months  # also closes the last day
            for name, value in self._office(office, month, to).items():
                put(name, office.index, value)
        for index, unit in enumerate(world.agency.units):
            rows = world.officers.slices[index]
            put("officers", index, unit.officers)
            if unit.unit in self._programmes:
                taking_part, output = self._programme(index, rows, month)
                put("participation", index, taking_part)
                put("programme_output", index, output)
        people = world.people
        for name, values in {
            "performance": people.truth,
            "skill": (people.skill * people.mix).sum(axis=1),
            "motivation": people.motivation,
        }.items():
            columns[name] = world.by_unit(values)
        columns["absence"] = world.by_unit(world.roster.absent_days / np.maximum(world.roster.duty_days, 1.0))
        self.months += 1
        for name, values in columns.items():
            world.recorder.flow(name, values)

    def _programme(self, index: int, rows: slice, month: int) -> tuple[float, float]:
        """Return participation, and cases completed in a month, of a programme unit.

        Participation is a logit shifted by courtesy and outreach. The number of cases is proportional to participation;
        officers complete at most those.
        """
        world = self._world
        programme = self._programmes[world.agency.units[index].unit]
        days = np.diff(world.calendar.month_first_day)[world.scenario.burn_in + month - 1]
        there = self._present[rows] / (days * DAY)
        draws = world.streams.generator("programme", index, month).standard_normal(rows.stop - rows.start)
        courtesy = world.people.channels[rows, 2].mean()
        pace = world.people.channels[rows, 0]
        done = there * np.exp(np.log1p(PACE) * pace + OUTPUT_NOISE * draws - OUTPUT_NOISE**2 / 2)
        self.reach[index] *= 0.5 ** (1 / REACH_HALF_LIFE)
        taking_part = expit(logit(programme.participation) + COURTESY_LOGIT * courtesy + self.reach[index])
        cases = programme.caseload * len(done) / 3 * taking_part / programme.participation
        output = done * programme.output / 3
        output *= min(1.0, cases / output.sum()) if output.sum() else 1.0
        self.output[rows] += done
        self.jobs[rows] += output
        return float(taking_part), float(output.sum())

    def _office(self, office: Office, month: int, to: int) -> dict[str, float]:
        world = self._world
        cases, jobs = office.close(to)
        if self.traced and self.traced[0] == office.unit.unit:
            self.traced[1].append(cases)
        rows = world.officers.slices[office.index]
        self._officers(office, jobs, rows)
        complaint = cases.parent >= 0
        done = cases.status == DONE
        request = ~complaint
        served = request & done
        service = office.service_of(cases.queue)
        at_counter = served & office.is_counter[np.minimum(service, len(office.services) - 1)]
        waits = (cases.first_start - cases.arrival)[at_counter] / TICKS_PER_MINUTE
        world.recorder.cases("waiting_p90", office.index, month, waits)
        took = (cases.finish - cases.arrival) / office.day
        answered = complaint & done
        world.recorder.cases("complaint_p90_days", office.index, month, took[answered])
        still = office.desk.waiting() + office.desk.in_service() + office.desk.pending()
        complaints_open = int(still[2 * len(office.services) :].sum())
        received = int(complaint.sum()) + complaints_open - self._open[office.index]
        self._open[office.index] = complaints_open
        counts = np.bincount(jobs.officer, minlength=office.unit.officers)[office.on_desk]
        first = jobs.attempt == 1
        in_time = _share(cases.finish[answered] <= cases.due[answered])
        out = {
            "arrivals": float(office.arrived),
            "served": float(served.sum()),
            "served_counter": float(at_counter.sum()),
            "waiting_minutes": _mean(waits),
            "response_days": _mean(took[served]),
            "sent_home": float(cases.sent_home[request].sum()),
            "left": float((request & ((cases.status == LEFT) | (cases.status == LOST))).sum()),
            "backlog": float(still.sum()),
            "complaints": float(received),
            "complaints_ended": float(complaint.sum()),
            "complaint_days": _mean(took[answered]),
            "complaints_in_time": in_time,
            "complaints_discarded": _share(~done[complaint]),
            "error_rate": _share(jobs.error[first]),
            "utilisation": float(jobs.service.sum() / max(1.0, self._present[rows][office.on_desk].sum())),
            "overtime_hours": float(jobs.overtime.sum() / (60 * TICKS_PER_MINUTE)),
            "workload_gini": _gini(counts),
        }
        return out | self._satisfaction(office, cases, served, service, rows, in_time)

    def _officers(self, office: Office, jobs: Jobs, rows: slice) -> None:
        """Add the month's jobs to the officers' own records."""
        n = office.unit.officers
        minutes = jobs.service / TICKS_PER_MINUTE
        usual = office.base_error[jobs.queue]
        content = office.content[jobs.queue]
        for record, weight in (
            (self.jobs, None),
            (self.busy, minutes),
            (self.content, content),
            (self.variance, (content * office.content_cv[jobs.queue]) ** 2),
            (self.errors, jobs.error.astype(np.float64)),
            (self.expected_errors, usual),
        ):
            record[rows] += np.bincount(jobs.officer, weights=weight, minlength=n)

    def _satisfaction(
        self,
        office: Office,
        cases: Cases,
        served: np.ndarray,
        service: np.ndarray,
        rows: slice,
        in_time: float,
    ) -> dict[str, float]:
        chosen = np.flatnonzero(served)
        waited = np.where(
            office.is_counter[service[chosen]],
            cases.first_start[chosen] - cases.arrival[chosen],
            cases.finish[chosen] - cases.arrival[chosen],
        )
        expected = self._expected[office.index][service[chosen]]
        skill = self._world.people.channels[rows][cases.officer[chosen]]

        def scores(expected: Float) -> Float:
            return satisfaction.elements(
                office.unit.ikm,
                waited / TICKS_PER_MINUTE,
                expected,
                (cases.errors[chosen] > 0).astype(np.float64),
                office.base_error[cases.queue[chosen]],
                skill[:, 1],
                skill[:, 2],
                in_time,
                float(self._answered[office.index]),
                self._world.effect_size("waiting_satisfaction").mean,
            )

        nine = scores(expected)
        ikm = 25 * float(nine.mean())
        # lower expectations raise perceived satisfaction without better service
        changed = office.rules.expected != 1.0
        perceived = 25 * float(scores(expected * office.rules.expected).mean()) if changed else ikm
        out = dict(zip(satisfaction.ELEMENTS, nine.tolist(), strict=True))
        return out | {"ikm_service": ikm, "ikm_perceived": perceived}


def requests_table(office: Office, batches: list[Cases]) -> pd.DataFrame:
    """Return one unit's cases, one per row, in order of arrival."""
    frame = pd.concat([office.case_table(cases) for cases in batches], ignore_index=True)
    return frame.sort_values(["arrival", "id"], ignore_index=True)


def _mean(values: Float) -> float:
    return float(values.mean()) if len(values) else np.nan


def _share(flags: np.ndarray) -> float:
    return float(flags.mean()) if len(flags) else np.nan


def _gini(counts: np.ndarray) -> float:
    """Return the Gini coefficient: 0 if all do the same, near 1 if one does everything."""
    x = np.sort(counts.astype(np.float64))
    n, total = len(x), x.sum()
    return float((2 * np.arange(1, n + 1) - n - 1) @ x / (n * total)) if total else np.nan
