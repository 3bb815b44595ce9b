"""Monthly outcomes of service and programme units, and the records of officers' own cases."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from sim.agency.spec import Agency
from sim.calendar import TICKS_PER_MINUTE
from sim.desk import DONE, LEFT, LOST, Cases, Jobs
from sim.outcomes import HANDLING, UNNOTICED, Outcome
from sim.world.citizens.satisfaction import Response
from sim.world.citizens.surveys import Respondents
from sim.world.office import DAY, PACE, Office
from sim.world.officers import Bool, Float
from sim.world.steps.journeys import Journeys

HOUR = 60 * TICKS_PER_MINUTE
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
    calendar: Any
    officers: Any
    offices: list[Office]
    people: Any
    roster: Any
    recorder: Any
    usual: Float

    @property
    def streams(self) -> Any: ...

    def by_unit(self, values: Any) -> Float: ...
    def sum_by_unit(self, values: Any) -> Float: ...
    def effect_size(self, name: str) -> Any: ...


def outcomes_of(agency: Agency) -> list[Outcome]:
    """Return the outcomes that only agencies with routes, or with attention, have."""
    waiting = any(row.unnoticed or row.noticed for row in agency.steps)
    waiting |= any(row.unnoticed or row.noticed for row in agency.complaints)
    return [HANDLING] * bool(agency.steps) + [UNNOTICED] * waiting


class ServiceBook:
    """Outcomes of service and programme units, and officers' own records.

    Attributes
    ----------
    jobs, busy, content, variance, errors, expected_errors : float64[n]
        Since the last appraisal: cases handled; minutes they took; minutes they take an average officer, and the
        variance of those; wrong answers; wrong answers that an average officer would have given.
    output : float64[n]
        Programme work since the last appraisal, in an average officer's months; zero in service units.
    months : float64[n]
        Months of the study since the last appraisal, for which the officer has been there.
    reach : float64[units]
        Gain from outreach, logits of participation; half is lost in two years without outreach.
    respondents : dict of int to Respondents
        Citizens of each service unit, by its index.
    traced : (str, list of Cases) or None
        Unit whose cases are kept, and the cases.
    traced_jobs : list of Jobs
        Its jobs.
    """

    def __init__(self, world: ServedWorld) -> None:
        self._world = world
        n = len(world.officers)
        self.jobs, self.busy = np.zeros(n), np.zeros(n)
        self.content, self.variance = np.zeros(n), np.zeros(n)
        self.errors, self.expected_errors, self.output = np.zeros(n), np.zeros(n), np.zeros(n)
        self.months = np.zeros(n)
        self._open = {office.index: 0 for office in world.offices}
        self.reach = np.zeros(len(world.agency.units))
        self._programmes = {p.unit: p for p in world.agency.programmes}
        self.traced: tuple[str, list[Cases]] | None = None
        self.traced_jobs: list[Jobs] = []
        self._journeys = {
            office.index: Journeys(office) for office in world.offices if any(office.layout.routes)
        }
        response = Response.of(world.scenario, world.effect_size("waiting_satisfaction").mean)
        self.respondents = {
            office.index: Respondents(office, response, float(world.usual[office.index]))
            for office in world.offices
        }

    def perceived(self, coverage: str) -> Float:
        """Return the latest month's index as citizens feel it, of those served at a ``counter`` or of the whole
        ``population`` who came; float64[units], NaN where nobody was asked.
        """
        out = np.full(len(self._world.agency.units), np.nan)
        for index, citizens in self.respondents.items():
            out[index] = citizens.perceived(coverage)
        return out

    def start(self) -> None:
        """Begin the study: the IKM of the agency's table was given to the officers who are there now."""
        world = self._world
        for office in world.offices:
            rows = world.officers.slices[office.index]
            self.respondents[office.index].start(world.people.channels[rows], world.officers.there[rows])

    @property
    def _present(self) -> Float:
        """Ticks that each officer was present in the latest month."""
        return np.asarray(self._world.roster.present)

    def forget(self) -> None:
        """Reset officers' records after an appraisal."""
        for record in self._records():
            record[:] = 0

    def end(self, who: Bool) -> None:
        """End the records of officers who leave."""
        for record in self._records():
            record[who] = 0

    def swap(self, one: int, other: int) -> None:
        """Exchange two officers' posts, with their records."""
        for record in self._records():
            record[[one, other]] = record[[other, one]]

    def _records(self) -> tuple[Float, ...]:
        return (
            self.jobs,
            self.busy,
            self.content,
            self.variance,
            self.errors,
            self.expected_errors,
            self.output,
            self.months,
        )

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
            if unit.unit in self._programmes:
                for name, value in self._programme(index, rows, month).items():
                    put(name, index, value)
        people, there = world.people, world.officers.there
        columns["officers"], columns["vacancies"] = world.sum_by_unit(there), world.sum_by_unit(~there)
        for name, values in {
            "performance": people.truth,
            "skill": (people.skill * people.mix).sum(axis=1),
            "motivation": people.motivation,
        }.items():
            columns[name] = world.by_unit(values)
        roster = world.roster
        columns["officer_days"] = world.sum_by_unit(np.where(there, roster.duty_days, 0.0))
        absent = world.sum_by_unit(np.where(there, roster.absent_days, 0.0))
        columns["absence"] = np.array(
            [_ratio(*of) for of in zip(absent, columns["officer_days"], strict=True)]
        )
        self.months += there
        for name, values in columns.items():
            world.recorder.flow(name, values)

    def _programme(self, index: int, rows: slice, month: int) -> dict[str, float]:
        """Return the month's outcomes of a programme unit.

        Participation is a logit shifted by courtesy and outreach. The number of cases is proportional to participation;
        officers complete at most those. Vacant posts leave the target group as large as it is.
        """
        world = self._world
        programme = self._programmes[world.agency.units[index].unit]
        days = np.diff(world.calendar.month_first_day)[world.scenario.burn_in + month - 1]
        present = self._present[rows] / (days * DAY)
        draws = world.streams.generator("programme", index, month).standard_normal(rows.stop - rows.start)
        courtesy = float(world.by_unit(world.people.channels[:, 2])[index])
        pace = world.people.channels[rows, 0]
        done = present * np.exp(np.log1p(PACE) * pace + OUTPUT_NOISE * draws - OUTPUT_NOISE**2 / 2)
        self.reach[index] *= 0.5 ** (1 / REACH_HALF_LIFE)
        met = (
            0.0 if np.isnan(courtesy) else COURTESY_LOGIT * courtesy
        )  # nobody there treats citizens well or badly
        taking_part = float(expit(logit(programme.participation) + met + self.reach[index]))
        target_group = programme.caseload * len(done) / 3 / programme.participation
        cases = target_group * taking_part
        output = done * programme.output / 3
        output *= min(1.0, cases / output.sum()) if output.sum() else 1.0
        self.output[rows] += done
        self.jobs[rows] += output
        return {
            "participation": taking_part,
            "target_group": target_group,
            "programme_output": float(output.sum()),
        }

    def _office(self, office: Office, month: int, to: int) -> dict[str, float]:
        world = self._world
        cases, jobs = office.close(to)
        if self.traced and self.traced[0] == office.unit.unit:
            self.traced[1].append(cases)
            self.traced_jobs.append(jobs)
        rows = world.officers.slices[office.index]
        journeys = self._journeys.get(office.index)
        waited, handled = journeys.close(cases, jobs) if journeys else (None, None)
        jobs = jobs.by_officers() if office.layout.holds.any() else jobs
        self._officers(office, jobs, rows)
        complaint = cases.parent >= 0
        done = cases.status == DONE
        request = ~complaint
        served = request & done
        service = office.service_of(cases.queue)
        at_counter = served & office.is_counter[np.minimum(service, len(office.services) - 1)]
        files = (
            served & ~at_counter
        )  # routes, too: their total time counts, and any waiting at a counter besides
        waits = (cases.first_start - cases.arrival)[at_counter] / TICKS_PER_MINUTE
        if waited is not None:
            by_steps = served & office.comes_to_counter[np.minimum(service, len(office.services) - 1)]
            waits = np.append(waits, waited[by_steps])
            at_counter |= by_steps
        world.recorder.cases("waiting_p90", office.index, month, waits)
        took = (cases.finish - cases.arrival) / office.day
        answered = complaint & done
        world.recorder.cases("complaint_p90_days", office.index, month, took[answered])
        desk, unnoticed = office.desk, office.desk.unnoticed()
        still = desk.waiting() + desk.in_service() + desk.pending() + unnoticed
        complaints_open = int(still[office.layout.complaints :].sum())
        received = int(complaint.sum()) + complaints_open - self._open[office.index]
        self._open[office.index] = complaints_open
        manned = office.on_desk & world.officers.there[rows]
        counts = np.bincount(jobs.officer, minlength=office.unit.officers)[manned]
        present = self._present[rows][office.on_desk].sum()
        first = jobs.attempt == 1
        in_time = _share(cases.finish[answered] <= cases.due[answered])
        out = {
            "arrivals": float(office.arrived),
            "could_go_online": float(office.could_go_online),
            "digital_share": _ratio(office.went_online, office.could_go_online),
            "served": float(served.sum()),
            "served_counter": float(at_counter.sum()),
            "files_completed": float(files.sum()),
            "waiting_minutes": _mean(waits),
            "response_days": _mean(took[files]),
            "sent_home": float(cases.sent_home[request].sum()),
            "left": float((request & ((cases.status == LEFT) | (cases.status == LOST))).sum()),
            "backlog": float(still.sum()),
            "complaints": float(received),
            "complaints_ended": float(complaint.sum()),
            "complaints_answered": float(answered.sum()),
            "complaint_days": _mean(took[answered]),
            "complaints_in_time": in_time,
            "complaints_discarded": _share(~done[complaint]),
            "answers": float(first.sum()),
            "error_rate": _share(jobs.error[first]),
            "desk_hours": float(present / HOUR),
            "utilisation": _ratio(jobs.service.sum(), present),
            "overtime_hours": float(jobs.overtime.sum() / HOUR),
            "workload_gini": _gini(counts),
        }
        if handled is not None:
            out[HANDLING.name] = _mean(handled[served])
        if office.layout.holds.any():
            out[UNNOTICED.name] = float(unnoticed[office.layout.staffed].sum())
        return out | self.respondents[office.index].month(cases, service, world.people.channels[rows])

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


def requests_table(office: Office, batches: list[Cases]) -> pd.DataFrame:
    """Return one unit's cases, one per row, in order of arrival."""
    frame = pd.concat([office.case_table(cases) for cases in batches], ignore_index=True)
    return frame.sort_values(["arrival", "id"], ignore_index=True)


def _mean(values: Float) -> float:
    return float(values.mean()) if len(values) else np.nan


def _share(flags: np.ndarray) -> float:
    return float(flags.mean()) if len(flags) else np.nan


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else np.nan


def _gini(counts: np.ndarray) -> float:
    """Return the Gini coefficient: 0 if all do the same, near 1 if one does everything."""
    x = np.sort(counts.astype(np.float64))
    n, total = len(x), x.sum()
    return float((2 * np.arange(1, n + 1) - n - 1) @ x / (n * total)) if total else np.nan
