"""The compiled desk of one unit: requests and changes of officers go in, cases and jobs come out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from sim.desk import kernel as k
from sim.desk.records import Cases, Floats, Ints, Jobs, Queues, Requests, array
from sim.errors import KinerjaError, _

ROWS = 64
"""Cases that a desk has room for at first."""
_left: list[tuple[Ints, Ints]] = []
"""Logs that a desk has left to the next, at most one pair: a city's desks are advanced and collected in turn."""


class Desk:
    """A service desk, exact to the tick.

    Its clock has working time only: the days of `day_start` follow one another without a night. Advance the desk to a
    moment before changing officers or reading its state at that moment. Before `set_people` every officer has rate 1,
    makes no errors and serves every queue; before `set_roster` all are present all day.

    Parameters
    ----------
    day_start : int64[D + 1]
        Tick at which each working day starts; the last is the end of time. The first is 0.
    queues : Queues
    officers : int
        Number of officers.
    attempts : int
        Most attempts per case; an error in the last attempt ends it.
    shuts : bool[D + 1]
        Whether the desk is shut before each day starts; false where it is open through the night, so that nobody is
        sent home and counter jobs go on. At its first opening and at the end of time it always is.

    Raises
    ------
    KinerjaError
        The days, or the numbers of officers or attempts, are wrong.

    Examples
    --------
    >>> desk = Desk([0, 480], Queues(klass=[0]), officers=1)
    >>> desk.feed(Requests(id=[1, 2], queue=0, arrival=[0, 10], work=[30.0, 30.0]))
    >>> desk.advance(480)
    >>> cases, jobs = desk.collect()
    >>> jobs.start.tolist(), jobs.finish.tolist()
    ([0, 30], [30, 60])
    """

    def __init__(
        self,
        day_start: npt.ArrayLike,
        queues: Queues,
        officers: int,
        attempts: int = 3,
        shuts: npt.ArrayLike = True,
    ) -> None:
        days = array("day_start", day_start, np.int64, (np.size(day_start),), 0, 2**60)
        if days.size < 2 or days[0] != 0 or (np.diff(days) < 1).any():
            raise KinerjaError(
                _("day_start: give 0, then the increasing starts of the other days and the end of time.")
            )
        if officers < 0 or attempts < 1:
            raise KinerjaError(_("a desk has 0 or more officers, and at least 1 attempt per case."))
        n, leaves = len(queues), 1
        while leaves < officers:
            leaves *= 2
        self.queues = queues
        self._attempts = attempts
        self._v = np.zeros(k.SCALARS, np.int64)
        self._v[[k.DAY, k.HEAD, k.TAIL]] = -1
        self._v[k.ATTEMPTS_ALLOWED] = attempts
        self._day_start = np.array(days)
        self._shut = array("shuts", shuts, np.bool_, days.shape, 0, 1).astype(np.int64)
        self._shut[[0, -1]] = 1
        held = np.flatnonzero(queues.holds)
        self._held = n + np.arange(held.size)
        self._v[k.NEXT_RELEASE] = k.NEVER
        self._n_draws = queues.steps * attempts
        self._v[[k.DRAWS, k.COMPLAINT_BASE]] = self._n_draws, queues.complaint_base
        self._queue = np.zeros((n + held.size + 2, k.QUEUE_COLUMNS), np.int64)
        self._queue[:, [k.HELD, k.OF]] = -1
        self._queue[:, k.RELEASE] = k.NEVER
        self._queue[held, k.HELD] = self._held
        self._queue[self._held, k.OF] = held
        self._queue[self._held, k.ATTENTION] = k.UNIT
        self._queue[self._held[:, None], [k.KEY_COLUMN, k.PLACE_COLUMN]] = k.NOTICED, k.PLACE
        self._branch = np.stack([queues.branch.cumsum(axis=1), queues.next.astype(np.float64)], axis=2)
        self._branch[:, -1, 0] = 1.0
        self._queue[:n, k.ORDER] = np.argsort(queues.klass, kind="stable")
        for column, values in (
            (k.KLASS, queues.klass),
            (k.SUSPENDS, queues.suspends),
            (k.GOES_HOME, queues.sent_home),
            (k.REWORK, queues.rework),
            (k.KEY_COLUMN, np.where(queues.by_due, k.DUE, k.JOINED)),
            (k.PLACE_COLUMN, k.PLACE),
            (k.STEP, queues.step),
            (k.HAND_OFF, queues.hand_off),
            (k.IMPATIENT, queues.impatient),
            (k.STAFFED, queues.staffed),
        ):
            self._queue[:n, column] = values
        classes = queues.complaint_base + np.arange(np.size(queues.complaint_clock))
        self._queue[classes, k.CLOCK_DAYS] = queues.complaint_clock
        self._queue[-2, [k.KEY_COLUMN, k.PLACE_COLUMN]] = k.JOINED, k.PLACE
        self._queue[-1, [k.KEY_COLUMN, k.PLACE_COLUMN]] = k.GIVES_UP, k.PATIENCE_PLACE
        self._complaining = np.zeros((n, 4))
        self._people = np.zeros((officers, n, 2))
        self._people[:, :, k.RATE] = 1.0
        self._until = np.empty((0, officers, 1), np.int64)
        self._officer = np.zeros((officers, k.OFFICER_COLUMNS), np.int64)
        self._officer[:, k.JOB] = -1
        self._officer[:, k.FINISH] = k.NEVER
        self._finishes = np.full(2 * leaves, k.NEVER, np.int64)
        self._turns = np.full(2 * leaves, k.NEVER, np.int64)
        self._pool = np.zeros((0, k.POOL_COLUMNS), np.int64)
        self._lots = np.empty((0, (8 if queues.fateful else 4) * self._n_draws + 2))
        self._fed, self._chance = np.empty((k.FED_COLUMNS, 0), np.int64), np.empty((2, 0))
        self._draws, self._fate = np.empty((4, 0, 1)), np.empty((4, 0, 1))
        self._heap = np.empty((len(self._queue) + 1, 0), np.int64)
        self._cases = np.empty((k.CASE_COLUMNS, 0), np.int64)
        self._jobs = np.empty((k.JOB_COLUMNS, 0), np.int64)
        self._last_id = -1

    @property
    def now(self) -> int:
        """Tick before which everything has happened."""
        return int(self._v[k.NOW])

    def set_people(self, rate: npt.ArrayLike, p_error: npt.ArrayLike, eligible: npt.ArrayLike) -> None:
        """Change officers from now on; services in progress keep their end.

        Parameters
        ----------
        rate : float64[O, Q]
            Ticks of work content done per tick; used when a service starts.
        p_error : float64[O, Q]
            Probability of an error; used when a service ends.
        eligible : bool[O, Q]
            Which officers may serve which queues; used at dispatch.
        """
        shape = self._people.shape[:2]
        may = array("eligible", eligible, np.bool_, shape, 0, 1)
        self._people[:, :, k.RATE] = (
            array("rate", np.where(may, rate, 1.0), np.float64, shape, 1e-3, 1e3) * may
        )
        self._people[:, :, k.P_ERROR] = array("p_error", p_error, np.float64, shape, 0, 1)
        self._queue[: len(self.queues), k.FREE] = may[self._officer[:, k.IDLE] == 1].sum(axis=0)
        self._v[k.PEOPLE_CHANGED] = 1

    def set_roster(self, first_day: int, until: npt.ArrayLike) -> None:
        """Set when each officer is present, from `first_day` (today at the earliest) on.

        Parameters
        ----------
        first_day : int
            Index of a working day.
        until : int64[d, O] or int64[d, O, E]
            Tick at which the officer leaves: the start of the day or earlier means absent, the start of the next day or
            later means present until closing. Further ticks say when the officer comes back, leaves again, and so on;
            they do not decrease. A counter job in hand is finished before leaving. On later days that were never set,
            everybody is present all day.

        Raises
        ------
        KinerjaError
            The days are not from today to the last day, the shape is wrong, or ticks decrease.
        """
        officers, days = len(self._officer), self._day_start.size - 1
        today = int(np.searchsorted(self._day_start, self.now, side="right")) - 1
        rows = np.shape(until)[0] if np.ndim(until) in (2, 3) else 0
        if rows == 0 or not today <= first_day <= days - rows:
            raise KinerjaError(
                _(
                    "set_roster: give [days, officers] from day {today} (today) to day {last_day}, not shape {shape} "
                    "from day {first_day}.",
                    today=today,
                    last_day=days - 1,
                    first_day=first_day,
                    shape=str(np.shape(until)),
                )
            )
        ticks = np.asarray(until)
        ticks = ticks[:, :, None] if ticks.ndim == 2 else ticks
        given = array("until", ticks, np.int64, (rows, officers, ticks.shape[2]), -k.NEVER, k.NEVER)
        if (np.diff(given, axis=2) < 0).any():
            day, officer = np.argwhere((np.diff(given, axis=2) < 0).any(axis=2))[0]
            raise KinerjaError(
                _(
                    "set_roster: the ticks of officer {officer} on day {day} decrease. Give them in order of time.",
                    officer=int(officer),
                    day=first_day + int(day),
                )
            )
        kept = self._until[max(0, today - self._v[k.ROSTER_FIRST]) :]
        end = max(first_day + rows, today + len(kept))
        wide = max(given.shape[2], kept.shape[2])
        roster = np.full((end - today, officers, wide), k.NEVER)  # present all day
        roster[: len(kept), :, : kept.shape[2]] = kept
        roster[first_day - today : first_day - today + rows] = k.NEVER
        roster[first_day - today : first_day - today + rows, :, : given.shape[2]] = given
        self._until = roster
        self._v[k.ROSTER_FIRST] = today
        if first_day == self._v[k.DAY]:
            self._v[[k.PEOPLE_CHANGED, k.ROSTER_CHANGED]] = 1

    def set_complaining(self, p: npt.ArrayLike, p_discard: float) -> None:
        """Set the chances of complaints from now on.

        Parameters
        ----------
        p : float64[Q, 3]
            Chance of a complaint, by (first) queue, about a case that ended well, with an error, or by leaving or being
            lost.
        p_discard : float
            Chance that a complaint is discarded when it arrives.
        """
        chances = array("p", p, np.float64, (len(self.queues), 3), 0, 1)
        if self.queues.complaint_base < 0 and np.any(chances):
            raise KinerjaError(
                _("set_complaining: this desk has no complaint queues (complaint_base is -1).")
            )
        self._complaining[:, :3] = chances
        self._complaining[:, k.DISCARD] = array("p_discard", p_discard, np.float64, (1,), 0, 1)

    def set_attention(self, rate: npt.ArrayLike) -> None:
        """Set how fast cases are noticed in the queues that hold them, from now on.

        Parameters
        ----------
        rate : float64[Q]
            Ticks of attention given in a tick, 0 to 64, in steps of 1/1024; 1 at first. Other queues' are not read.
        """
        rates = array("rate", rate, np.float64, (len(self.queues),), 0, 64)
        held, now = self._queue[self._held], self.now
        held[:, k.SEEN] += held[:, k.ATTENTION] * (now - held[:, k.SEEN_AT])
        held[:, k.SEEN_AT] = now
        held[:, k.ATTENTION] = np.rint(rates[held[:, k.OF]] * k.UNIT).astype(np.int64)
        held[:, k.RELEASE] = k.NEVER
        for row, h in zip(held, self._held, strict=True):
            if not row[k.SIZE]:
                continue
            noticed = self._pool[self._heap[h, 0], k.NOTICED]
            wanted = noticed - row[k.SEEN]
            if noticed < k.NEVER and (wanted <= 0 or row[k.ATTENTION] > 0):
                row[k.RELEASE] = now if wanted <= 0 else now - (-wanted // row[k.ATTENTION])
        self._queue[self._held] = held
        self._v[k.NEXT_RELEASE] = held[:, k.RELEASE].min(initial=k.NEVER)

    def set_order(self, klass: npt.ArrayLike, by_due: npt.ArrayLike) -> None:
        """Order the queues in another way from now on, those waiting included.

        Parameters
        ----------
        klass : int64[Q]
            Class; 0 is served first. The queues of one class have the same order.
        by_due : bool[Q]
            Order by earliest due date, else by arrival.
        """
        self.queues = replace(self.queues, klass=np.asarray(klass), by_due=np.asarray(by_due))
        n = len(self.queues)
        self._queue[:n, k.KLASS] = self.queues.klass
        self._queue[:n, k.ORDER] = np.argsort(self.queues.klass, kind="stable")
        self._queue[:n, k.KEY_COLUMN] = np.where(self.queues.by_due, k.DUE, k.JOINED)
        for q in range(n):
            key, place, size = self._queue[q, [k.KEY_COLUMN, k.PLACE_COLUMN, k.SIZE]]
            rows = self._heap[q, :size]
            rows = rows[
                np.lexsort((self._pool[rows, k.ID], self._pool[rows, k.JOINED], self._pool[rows, key]))
            ]
            self._heap[q, :size] = rows  # sorted rows are a heap
            self._pool[rows, place] = np.arange(size)

    def feed(self, requests: Requests) -> None:
        """Add requests that will arrive, now or later.

        Raises
        ------
        KinerjaError
            A request arrives before now or after the end of time, names a queue or complaint class that does not exist,
            has draws for another number of attempts, or has the id of another unfinished request.
        """
        n, ids, arrival = len(requests), requests.id, requests.arrival
        if n == 0:
            return
        early, end = self.now, self._day_start[-1]
        if requests.span[0] < early or requests.span[1] >= end:
            i = int(np.argmax((arrival < early) | (arrival >= end)))
            raise KinerjaError(
                _(
                    "feed: request {id} arrives at tick {arrival}, not from now ({now}) to the end of time ({end}).",
                    id=ids[i],
                    arrival=arrival[i],
                    now=early,
                    end=end,
                )
            )
        for name, values, limit in (
            ("queue", requests.queue, len(self.queues)),
            ("complaint_class", requests.complaint_class, max(1, np.size(self.queues.complaint_clock))),
        ):
            if np.max(values) >= limit:
                raise KinerjaError(
                    _(
                        "feed: {name} {value} is not one of 0 to {last}.",
                        name=name,
                        value=np.max(values),
                        last=limit - 1,
                    )
                )
        if requests.work.shape[1] not in (1, self._attempts, self._n_draws):
            raise KinerjaError(
                _(
                    "feed: there are random numbers for {given} attempts, but this desk allows {attempts}.",
                    given=requests.work.shape[1],
                    attempts=self._attempts,
                )
            )
        increasing = ids[0] > self._last_id and requests.numbered
        if not increasing and self._are_known(ids):
            raise KinerjaError(_("feed: ids are not unique among the unfinished and the new requests."))
        self._last_id = max(self._last_id, int(ids[-1] if requests.numbered else ids.max()))
        fed, draws, chance = requests.fed, requests.draws, requests.chance
        fate = requests.fate if self.queues.fateful else self._fate
        ordered, rest = requests.ordered, slice(*self._v[[k.AHEAD, k.FED]])
        if rest.start < rest.stop:  # requests that were fed before are still to come
            fed = np.append(self._fed[:, rest], fed, axis=1)
            chance = np.append(self._chance[:, rest], chance, axis=1)
            draws = self._append(self._draws[:, rest], draws)
            fate = self._append(self._fate[:, rest], fate) if self.queues.fateful else fate
            ordered = False
        if not ordered:
            order = np.argsort(fed[k.ARRIVAL])
            fed, chance = np.take(fed, order, axis=1), np.take(chance, order, axis=1)
            draws = np.take(draws, order, axis=1)
            fate = np.take(fate, order, axis=1) if self.queues.fateful else fate
        self._fed, self._draws, self._fate, self._chance = fed, draws, fate, chance
        self._v[[k.AHEAD, k.FED]] = 0, fed.shape[1]

    def _append(self, old: Floats, new: Floats) -> Floats:
        """Append draws, by step and round where the two are not given alike."""
        if old.shape[2] != new.shape[2]:
            old, new = (np.tile(x, self._n_draws // x.shape[2]) for x in (old, new))
        return np.append(old, new, axis=1)

    def _inside(self) -> Ints:
        """Return the rows of the pool that are in use."""
        taken = np.ones(len(self._pool), bool)
        taken[self._heap[-1, : self._v[k.VACANCIES]]] = False
        return np.flatnonzero(taken)

    def _are_known(self, ids: Ints) -> bool:
        """Tell whether an id occurs twice, or is that of an unfinished request."""
        ids = np.sort(ids)
        unfinished = self._unfinished()
        place = np.minimum(np.searchsorted(ids, unfinished), len(ids) - 1)
        return bool((ids[1:] == ids[:-1]).any() or (ids[place] == unfinished).any())

    def _unfinished(self) -> Ints:
        """Return the ids of requests that are still to come, in the pool, or the subject of a complaint in it."""
        return np.append(
            self._fed[k.ID, self._v[k.AHEAD] : self._v[k.FED]],
            self._pool[self._inside(), k.ID] & ~k.COMPLAINT_BIT,
        )

    def _more_rows(self) -> None:
        """Double the pool."""
        size, vacancies = len(self._pool), int(self._v[k.VACANCIES])
        new = max(ROWS, 2 * size)
        self._pool, self._lots = _longer(self._pool, new), _longer(self._lots, new)
        self._heap = _wider(self._heap, new)
        self._heap[-1, vacancies : vacancies + new - size] = np.arange(new - 1, size - 1, -1)
        self._v[k.VACANCIES] += new - size

    def _longer_logs(self) -> None:
        """Lengthen the logs, or take those that another desk has left."""
        rows, cases, jobs = len(self._pool), int(self._v[k.CASES]), int(self._v[k.JOBS])
        least = (cases + 2 * rows, jobs + 2 * self._n_draws * rows)
        if not cases and not jobs and _left:
            self._cases, self._jobs = _left.pop()
        if self._cases.shape[1] < least[0]:
            self._cases = _wider(self._cases, 2 * least[0], cases)
        if self._jobs.shape[1] < least[1]:
            self._jobs = _wider(self._jobs, 2 * least[1], jobs)

    def advance(self, to: int) -> None:
        """Run everything that happens strictly before tick `to`; the end of time plus 1 also closes the last day.

        Raises
        ------
        KinerjaError
            `to` is before now or after the end of time plus 1.
        """
        end = self._day_start[-1]
        if not self.now <= to <= end + 1:
            raise KinerjaError(
                _(
                    "advance: {to} is not from now ({now}) to the end of time ({end}) plus 1.",
                    to=to,
                    now=self.now,
                    end=end,
                )
            )
        while lacking := k.advance(
            self._v, self._day_start, self._shut, self._queue, self._heap, self._branch, self._complaining,
            self._people, self._until, self._officer, self._finishes, self._turns, self._pool, self._lots, self._fed,
            self._draws, self._fate, self._chance, self._cases, self._jobs, int(to),
        ):  # fmt: skip
            if lacking == k.MORE_ROWS:
                self._more_rows()
            else:
                self._longer_logs()

    def collect(self) -> tuple[Cases, Jobs]:
        """Return, and remove from the logs, the cases and jobs finished since the last call."""
        cases, jobs = Cases.of(self._cases[:, : self._v[k.CASES]]), Jobs.of(self._jobs[:, : self._v[k.JOBS]])
        self._v[[k.CASES, k.JOBS]] = 0
        if not _left and self._cases.size:
            _left.append((self._cases, self._jobs))
        self._cases, self._jobs = (
            np.empty((k.CASE_COLUMNS, 0), np.int64),
            np.empty((k.JOB_COLUMNS, 0), np.int64),
        )
        return cases, jobs

    def waiting(self) -> Ints:
        """Count the cases in each queue, int64[Q]."""
        return self._queue[: len(self.queues), k.SIZE].copy()

    def in_service(self) -> Ints:
        """Count the cases of each queue in service, suspended ones included, int64[Q]."""
        rows = self._officer[:, k.JOB]
        return self._count(rows[rows >= 0])

    def pending(self) -> Ints:
        """Count rework, hand-offs and complaints that have not reached each queue yet, int64[Q]."""
        return self._count(self._heap[-3, : self._queue[-2, k.SIZE]])

    def unnoticed(self) -> Ints:
        """Count the cases of each queue that nobody has noticed yet, int64[Q]."""
        counts = np.zeros(len(self.queues), np.int64)
        counts[self._queue[self._held, k.OF]] = self._queue[self._held, k.SIZE]
        return counts

    def _count(self, rows: Ints) -> Ints:
        return np.bincount(self._pool[rows, k.QUEUE], minlength=len(self.queues))


def _longer(table: np.ndarray, rows: int) -> np.ndarray:
    """Return the table with more rows, which are not set."""
    result = np.empty((rows, table.shape[1]), table.dtype)
    result[: len(table)] = table
    return result


def _wider(table: np.ndarray, columns: int, kept: int | None = None) -> np.ndarray:
    """Return the table, or the first `kept` columns of it, with more columns, which are not set."""
    result = np.empty((len(table), columns), table.dtype)
    result[:, :kept][:, : table.shape[1]] = table[:, :kept]
    return result


def warm() -> None:
    """Compile the desk, or load it from the cache. Call this once before starting workers."""
    Desk([0, 1], Queues(klass=[0]), officers=1).advance(1)
