"""What cases of several steps went through: waiting at counters and handling, added up until a case ends."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sim.calendar import TICKS_PER_MINUTE
from sim.desk import Cases, Jobs
from sim.world.office import Office
from sim.world.officers import Float, Int


class Journeys:
    """Adds up the jobs of each case of an office until it ends.

    Parameters
    ----------
    office : Office
    """

    def __init__(self, office: Office) -> None:
        self._counter = office.layout.counter
        self._id = np.empty(0, np.int64)
        self._sums = np.empty((2, 0), np.int64)

    def close(self, cases: Cases, jobs: Jobs) -> tuple[Float, Float]:
        """Return minutes waited at counters and minutes of work, of cases that ended; jobs of others are kept.

        Parameters
        ----------
        cases, jobs : Cases, Jobs
            What ended since the last call.

        Returns
        -------
        waited : float64[cases]
            From joining the queue of a counter until called, over all counters; waits for corrections are left out, as
            for services of one step.
        handled : float64[cases]
            Work of all officers, corrections included.
        """
        waited = np.where(self._counter[jobs.queue] & (jobs.attempt == 1), jobs.start - jobs.joined, 0)
        ids = np.append(self._id, jobs.id)
        sums = np.concatenate([self._sums, [waited, jobs.service]], axis=1)
        order = np.argsort(cases.id)
        if len(cases):
            place = order[np.minimum(np.searchsorted(cases.id, ids, sorter=order), len(cases) - 1)]
            ended = cases.id[place] == ids
        else:
            place, ended = np.zeros(len(ids), np.int64), np.zeros(len(ids), np.bool_)
        found = [np.bincount(place[ended], row[ended], len(cases)) / TICKS_PER_MINUTE for row in sums]
        self._id, self._sums = ids[~ended], sums[:, ~ended]
        return found[0], found[1]


def steps_table(office: Office, batches: Sequence[Cases], jobs: Sequence[Jobs]) -> pd.DataFrame:
    """Return the steps of one unit's cases that ended, one per row, by case in order of arrival.

    Returns
    -------
    DataFrame
        As :func:`sim.trace` describes it.
    """
    cases = pd.concat([batch.frame() for batch in batches], ignore_index=True).set_index("id")
    frame = pd.concat([batch.frame() for batch in jobs], ignore_index=True)
    frame = frame[frame["id"].isin(cases.index)]
    arrival = frame["id"].map(cases["arrival"])
    # a job ends before the next of its case begins, and two of a case never end at one tick but in their order
    frame = frame.assign(parent=frame["id"].map(cases["parent"]), arrival=arrival)
    frame = frame.sort_values(["arrival", "id", "finish"], kind="stable", ignore_index=True)
    queue, layout = frame["queue"].to_numpy(), office.layout
    names = [s.service for s in office.services] + ["complaint"]
    frame["came"] = _came(frame, layout.hand_off[queue])
    table = pd.DataFrame({
        "id": frame["id"],
        "service": np.array(names, object)[layout.service[queue]],
        "step": np.array(layout.name, object)[queue],
        "place": _places(office)[queue],
        "queue": queue,
        "round": frame["attempt"],
        "came": frame["came"],
        "joined": frame["joined"],
        "start": frame["start"],
        "finish": frame["finish"],
        "officer": frame["officer"],
        "minutes": frame["service"] / TICKS_PER_MINUTE,
        "overtime": frame["overtime"] / TICKS_PER_MINUTE,
        "error": frame["error"],
        "parent": frame["parent"],
    })  # fmt: skip
    for name in ("came", "start", "finish"):
        table[f"{name}_at"] = office.dates(table[name].to_numpy(), ends=name == "finish")
    return table


def _came(frame: pd.DataFrame, hand_off: Int) -> Int:
    """When a case came to each step: at its arrival, or when the step before had handed it on.

    What comes back after an error is taken to come when it joined: how long it was away is the citizen's.
    """
    first = ~frame["id"].duplicated().to_numpy()
    same_round = frame["attempt"].to_numpy() == frame["attempt"].shift(fill_value=0).to_numpy()
    handed = frame["finish"].shift(fill_value=0).to_numpy() + np.roll(hand_off, 1)
    came = np.where(same_round, handed, frame["joined"].to_numpy())
    return np.where(first, frame["arrival"].to_numpy(), came)


def _places(office: Office) -> np.ndarray:
    """Name where each queue is: counter, file, online, complaint, or settled for a delay after the work."""
    layout = office.layout
    places = []
    for queue, service in enumerate(layout.service):
        if not layout.staffed[queue]:
            places.append("settled")
        elif service == len(office.services):
            places.append("complaint")
        else:
            stops = {stop.step.step: stop.step.place for stop in layout.routes[service]}
            places.append(stops.get(layout.name[queue], office.services[service].channel))
    return np.array(places, object)
