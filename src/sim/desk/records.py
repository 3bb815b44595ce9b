"""Records of a desk: its queues, the requests that go in, and the cases and jobs that come out, checked on entry."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.desk.kernel import (
    ARRIVAL,
    COMPLAINT_BIT,
    COMPLAINT_DELAY,
    COMPLAINT_QUEUE,
    DUE,
    FED_COLUMNS,
    FIRST_QUEUE,
    ID,
    LONGEST,
    NEVER,
    PATIENCE,
    RETURNS,
    REWORK_DELAY,
)
from sim.errors import KinerjaError, _

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
KINDS: dict[Any, Any] = {np.bool_: bool, np.int64: int, np.float64: (int, float)}
"""Types of scalars that need no conversion."""
Column = Any  # an array; the input may be anything that broadcasts to it, such as a scalar


def array(name: str, value: Any, dtype: Any, shape: tuple[int, ...], low: float, high: float) -> np.ndarray:
    """Return `value` in the given type and shape, checked to lie in [low, high]; not copied where it already fits.

    Raises
    ------
    KinerjaError
        The value has another shape, is not of this type, is NaN or outside its range.
    """
    result = checked(name, value, dtype, shape, low, high)
    return result if result.shape == shape else np.full(shape, result)


def checked(name: str, value: Any, dtype: Any, shape: tuple[int, ...], low: float, high: float) -> np.ndarray:
    """Return `value` as :func:`array` does, but a scalar as an array of no dimension."""
    if isinstance(value, (bool, int, float)) and low <= value <= high and isinstance(value, KINDS[dtype]):
        return np.asarray(value, dtype)  # most are scalars
    try:
        given = np.asarray(value)
        result = given
        if given.dtype != dtype:
            with np.errstate(invalid="ignore"):  # NaN as an integer is detected by the comparison
                result = given.astype(dtype)
            if given.dtype.kind not in ("b" if dtype is np.bool_ else "biuf") or not (result == given).all():
                raise ValueError(_("some values have another type"))
        if given.ndim and given.shape != shape:
            result = np.broadcast_to(result, shape)
    except (ValueError, TypeError, OverflowError) as error:
        raise KinerjaError(
            _(
                "{name}: cannot be read as {kind} of shape {shape} ({error}).",
                name=name,
                kind=dtype.__name__,
                shape=str(shape),
                error=error,
            )
        ) from error
    if given.size == 0:
        return result
    least, most = (given.item(), given.item()) if given.size == 1 else (given.min(), given.max())
    if not (least >= low and most <= high):
        result = np.broadcast_to(result, shape)
        where = tuple(int(i) for i in np.argwhere(~((result >= low) & (result <= high)))[0])
        raise KinerjaError(
            _(
                "{name}{place} is {value!r}; give a value from {low} to {high}.",
                name=name,
                place=str(list(where)),
                value=result[where].item(),
                low=low,
                high=high,
            )
        )
    return result


def _set(record: object, **columns: object) -> None:
    for name, value in columns.items():
        object.__setattr__(record, name, value)


@dataclass(frozen=True, eq=False)
class Queues:
    """The Q queues of a desk; a scalar applies to all queues.

    Attributes
    ----------
    klass : int64[Q]
        Class; 0 is served first. The queues of one class have the same order.
    by_due : bool[Q]
        Order by earliest due date (due, arrival, id); else (arrival, id).
    suspends : bool[Q]
        File work: suspended when the officer leaves, resumed by the same officer. Else counter work: finished first,
        after closing as overtime.
    sent_home : bool[Q]
        Citizens waiting at closing are sent home: they return at the next opening with the original arrival, or are
        lost.
    rework : int64[Q]
        Queue to which an erroneous case returns; -1: it does not return.
    step : int64[Q]
        Place of the queue in the route of its services: the draws of a job are those of its step and round.
    next : int64[Q, B]
        Where a case goes that is done here, by branch; -1: it ends. Routes lead to later steps.
    branch : float64[Q, B]
        Probability of each branch; they sum to 1.
    hand_off : int64[Q]
        Ticks until a case that is done here joins its next queue.
    impatient : bool[Q]
        Citizens wait here in person and may give up.
    staffed : bool[Q]
        Officers serve here. Else the step is a delay alone: it holds its cases, which then go on.
    holds : bool[Q]
        Cases wait here until they are noticed, before they queue (see `Requests.attention`).
    complaint_base : int
        Queue of complaint class 0, followed by the other classes; -1: there are no complaints.
    complaint_clock : int64[C]
        Working days allowed for a complaint, by class.
    """

    klass: Column
    by_due: Column = False
    suspends: Column = False
    sent_home: Column = False
    rework: Column = -1
    step: Column = 0
    next: Column = -1
    branch: Column = 1.0
    hand_off: Column = 0
    impatient: Column = True
    staffed: Column = True
    holds: Column = False
    complaint_base: int = -1
    complaint_clock: Column = ()

    def __post_init__(self) -> None:
        shape = (np.size(self.klass),)
        classes = np.size(self.complaint_clock)
        wide = max([np.shape(x)[1] for x in (self.next, self.branch) if np.ndim(x) == 2], default=1)
        _set(
            self,
            klass=array("klass", np.atleast_1d(self.klass), np.int64, shape, 0, LONGEST),
            by_due=array("by_due", self.by_due, np.bool_, shape, 0, 1),
            suspends=array("suspends", self.suspends, np.bool_, shape, 0, 1),
            sent_home=array("sent_home", self.sent_home, np.bool_, shape, 0, 1),
            rework=array("rework", self.rework, np.int64, shape, -1, shape[0] - 1),
            step=array("step", self.step, np.int64, shape, 0, 1000),
            next=array("next", _wide(self.next), np.int64, (*shape, wide), -1, shape[0] - 1),
            branch=array("branch", _wide(self.branch), np.float64, (*shape, wide), 0, 1),
            hand_off=array("hand_off", self.hand_off, np.int64, shape, 0, LONGEST),
            impatient=array("impatient", self.impatient, np.bool_, shape, 0, 1),
            staffed=array("staffed", self.staffed, np.bool_, shape, 0, 1),
            holds=array("holds", self.holds, np.bool_, shape, 0, 1),
            complaint_base=int(self.complaint_base),
            complaint_clock=array(
                "complaint_clock", np.atleast_1d(self.complaint_clock), np.int64, (classes,), 0, LONGEST
            ),
        )
        _set(self, holds=self.holds | ~self.staffed)
        sums = self.branch.sum(axis=1)
        if (np.abs(sums - 1) > 1e-9).any():
            q = int(np.argmax(np.abs(sums - 1) > 1e-9))
            raise KinerjaError(
                _(
                    "branch: the probabilities of queue {q} sum to {total:g}, not 1.",
                    q=q,
                    total=float(sums[q]),
                )
            )
        back = (self.next >= 0) & (self.step[self.next] <= self.step[:, None])
        if back.any():
            raise KinerjaError(
                _(
                    "next: queue {q} leads to a step that is not later. What goes back is rework.",
                    q=int(np.argmax(back.any(axis=1))),
                )
            )
        for klass in np.unique(self.klass):
            if np.unique(self.by_due[self.klass == klass]).size > 1:
                raise KinerjaError(
                    _(
                        "by_due: queues of class {klass} are ordered both by due date and by arrival; give them "
                        "different classes.",
                        klass=klass,
                    )
                )
        if self.complaint_base != -1 and not (
            self.complaint_base >= 0 and self.complaint_base + classes <= shape[0] and classes > 0
        ):
            raise KinerjaError(
                _(
                    "complaint_base: {classes} complaint classes from queue {base} on do not fit {queues} queues; "
                    "each class needs one queue.",
                    classes=classes,
                    base=self.complaint_base,
                    queues=shape[0],
                )
            )

    def __len__(self) -> int:
        return int(np.size(self.klass))

    @property
    def steps(self) -> int:
        """Steps of the longest route."""
        return int(self.step.max(initial=0)) + 1

    @property
    def fateful(self) -> bool:
        """Whether a case has branches or attention to draw."""
        return self.branch.shape[1] > 1 or bool(self.holds.any())


def _wide(value: Any) -> Any:
    """A column by queue as one by queue and branch."""
    value = np.asarray(value)
    return value[:, None] if value.ndim == 1 else value


INTEGERS = {
    "patience": (PATIENCE, 0, NEVER),
    "rework_delay": (REWORK_DELAY, 0, LONGEST),
    "complaint_class": (COMPLAINT_QUEUE, 0, LONGEST),
    "complaint_delay": (COMPLAINT_DELAY, 1, LONGEST),
    "id": (ID, 0, NEVER - 1),
    "queue": (FIRST_QUEUE, 0, LONGEST),
    "arrival": (ARRIVAL, 0, 2**60),
    "due": (DUE, 0, NEVER),
}
"""Columns of `Requests` -> where they are fed to the kernel, and their limits."""

DRAWS = (
    "work", "u_error", "complaint_work", "complaint_u_error",
    "u_branch", "attention", "complaint_u_branch", "complaint_attention",
)  # fmt: skip
"""Columns of `Requests` by step and round, in the order of the kernel: first `draws`, then `fate`."""


@dataclass(frozen=True, eq=False)
class Requests:
    """n requests with their random numbers; a scalar applies to all n.

    The draws of a job, float64[n, S * A], stand at ``step * A + round``; [n, A] fits one step, [n, 1] all jobs alike.

    Attributes
    ----------
    id : int64[n]
        Unique at the desk, 0 .. 2**62 - 1; breaks ties.
    queue : int64[n]
    arrival : int64[n]
        Tick.
    work : float64[n, A]
        Work content, in ticks of an officer of rate 1; the service lasts ``max(1, floor(work / rate + .5))``.
    u_error : float64[n, A]
        An attempt is erroneous where this is below the officer's error probability at its end.
    due : int64[n]
        Tick; NEVER for none.
    patience : int64[n]
        Ticks in a queue until the citizen gives up, from the original arrival (for rework, from its return).
    returns : bool[n]
        Whether a citizen who is sent home comes back; else the case is lost.
    rework_delay : int64[n]
        Ticks until an erroneous case returns.
    u_complain, u_triage : float64[n]
        A case that ended causes a complaint, and the complaint is discarded, where these are below the desk's chances.
    complaint_class : int64[n]
        Class of the complaint, if there is one.
    complaint_delay : int64[n]
        Ticks, at least 1, from the end of the case to the complaint.
    complaint_work, complaint_u_error : float64[n, A]
        As `work` and `u_error`, for the complaint.
    u_branch, complaint_u_branch : float64[n, A]
        Choose the next step by the cumulative probabilities of the branches.
    attention, complaint_attention : float64[n, A]
        Attention a case needs until it is noticed in a queue that holds, in ticks at the rate 1; from LONGEST on it is
        never noticed.
    fed, draws, chance : int64[FED_COLUMNS, n], float64[4, n, A], float64[2, n]
        All this as the kernel reads it, of which the others are views: desks that are fed the same requests share it.
    """

    id: Column
    queue: Column
    arrival: Column
    work: Column
    u_error: Column = 1.0
    due: Column = NEVER
    patience: Column = NEVER
    returns: Column = True
    rework_delay: Column = 0
    u_complain: Column = 1.0
    u_triage: Column = 1.0
    complaint_class: Column = 0
    complaint_delay: Column = 1
    complaint_work: Column = 1.0
    complaint_u_error: Column = 1.0
    u_branch: Column = 0.0
    complaint_u_branch: Column = 0.0
    attention: Column = 0.0
    complaint_attention: Column = 0.0
    fed: Ints = field(init=False, repr=False)
    draws: Floats = field(init=False, repr=False)
    chance: Floats = field(init=False, repr=False)
    _fate: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        n = np.size(self.id)
        values = [getattr(self, name) for name in DRAWS]
        attempts = max([np.shape(x)[1] for x in values if np.ndim(x) == 2], default=1)
        columns: dict[str, Any] = {"returns": array("returns", self.returns, np.bool_, (n,), 0, 1)}
        fed, chance = np.empty((FED_COLUMNS, n), np.int64), np.empty((2, n))
        fed[RETURNS] = columns["returns"]
        for name, (column, low, high) in INTEGERS.items():
            fed[column] = checked(name, getattr(self, name), np.int64, (n,), low, high)
            columns[name] = fed[column]
        for row, name in enumerate(("u_complain", "u_triage")):
            chance[row] = checked(name, getattr(self, name), np.float64, (n,), 0, 1)
            columns[name] = chance[row]
        given: list[np.ndarray] = []
        for name, value in zip(DRAWS, map(np.asarray, values), strict=True):
            value = value[:, None] if value.ndim == 1 else value
            high = 1 if "_u_" in f"_{name}" else NEVER if name.endswith("attention") else LONGEST
            given.append(checked(name, value, np.float64, (n, attempts), 0, high))
        draws = np.empty((4, n, attempts))
        plain = not any(value.ndim for value in given[4:])  # few desks have branches or attention
        fate = (
            np.broadcast_to(np.reshape(given[4:], (4, 1, 1)), draws.shape) if plain else np.empty(draws.shape)
        )
        for row, value in enumerate(given):
            if row < 4 or not plain:
                (draws if row < 4 else fate)[row % 4] = value
        columns |= {name: (draws if row < 4 else fate)[row % 4] for row, name in enumerate(DRAWS)}
        _set(self, fed=fed, draws=draws, chance=chance, _fate=fate, **columns)

    def __len__(self) -> int:
        return len(self.id)

    @property
    def fate(self) -> Floats:
        """The last four of the draws, float64[4, n, A]."""
        return np.ascontiguousarray(self._fate)

    @cached_property
    def span(self) -> tuple[int, int]:
        """First and last arrival."""
        return int(self.arrival.min()), int(self.arrival.max())

    @cached_property
    def ordered(self) -> bool:
        """Whether they are in order of arrival."""
        return bool((self.arrival[1:] >= self.arrival[:-1]).all())

    @cached_property
    def numbered(self) -> bool:
        """Whether ids increase."""
        return bool((self.id[1:] > self.id[:-1]).all())


class _Log:
    """Columns of equal length that convert to a data frame."""

    @classmethod
    def of(cls, log: Ints) -> Self:
        """Split a copy of a log, int64[columns, n], into its columns; `parent` is derived."""
        names = (f.name for f in fields(cls))  # type: ignore[arg-type]
        columns: dict[str, Any] = dict(zip(names, log.copy(), strict=False))
        if "error" in columns:
            columns["error"] = columns["error"].astype(np.bool_)
        else:
            is_complaint = columns["id"] >= COMPLAINT_BIT
            columns["parent"] = np.where(is_complaint, columns["id"] ^ COMPLAINT_BIT, -1)
        return cls(**columns)

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))  # type: ignore[arg-type]

    def frame(self) -> pd.DataFrame:
        """Return the columns as a data frame, one row per entry."""
        return pd.DataFrame({f.name: getattr(self, f.name) for f in fields(self)})  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class Cases(_Log):
    """Cases that ended, in the order of their ends (ticks; -1 for none).

    Attributes
    ----------
    id : int64[n]
        A complaint has its request's id plus ``COMPLAINT_BIT``.
    queue : int64[n]
        The first queue.
    arrival, first_start, finish : int64[n]
        A case completed after closing finishes at closing.
    officer : int64[n]
        Officer of the first attempt.
    attempts, errors : int64[n]
        Number of attempts finished, and how many were erroneous.
    status : int64[n]
        DONE, LEFT (gave up), LOST (sent home and not back) or DISCARDED (at triage).
    sent_home : int64[n]
        How often the citizen was sent home.
    due : int64[n]
        Due tick.
    parent : int64[n]
        Request that a complaint is about.
    """

    id: Ints
    queue: Ints
    arrival: Ints
    due: Ints
    sent_home: Ints
    first_start: Ints
    officer: Ints
    attempts: Ints
    errors: Ints
    finish: Ints
    status: Ints
    parent: Ints


@dataclass(frozen=True, eq=False)
class Jobs(_Log):
    """Attempts that were finished, in the order of their ends.

    Attributes
    ----------
    id, queue : int64[n]
    attempt : int64[n]
        From 1.
    officer : int64[n]
    joined : int64[n]
        Tick at which the wait for this attempt started: the arrival, or the return for rework.
    start, finish : int64[n]
        A job completed after closing finishes at closing.
    overtime : int64[n]
        Ticks after closing.
    service : int64[n]
        Ticks that the officer worked on it, overtime included, suspensions excluded.
    error : bool[n]
        Whether the attempt was erroneous.
    """

    id: Ints
    queue: Ints
    attempt: Ints
    officer: Ints
    joined: Ints
    start: Ints
    finish: Ints
    overtime: Ints
    service: Ints
    error: Bools

    def by_officers(self) -> Jobs:
        """Return the jobs that an officer did, without delays at which nobody serves."""
        kept = self.officer >= 0
        return Jobs(**{f.name: getattr(self, f.name)[kept] for f in fields(self)})
