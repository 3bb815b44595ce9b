"""What goes into a desk and what comes out: frozen columns, checked once at the door."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.desk.kernel import COMPLAINT_BIT, NEVER
from sim.errors import KinerjaError, _

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Column = Any  # an array; what is given may be anything that broadcasts to it, such as a scalar

LONGEST = 2**50  # ticks (35,000 years): a bound that keeps every sum of times within int64


def array(name: str, value: Any, dtype: Any, shape: tuple[int, ...], low: float, high: float) -> np.ndarray:
    """`value` in the given type and shape, within [low, high]; itself where it is already.

    Raises
    ------
    KinerjaError
        The value has another shape, is not of this type, is NaN or outside its range.
    """
    try:
        given = np.asarray(value)
        result = given
        if given.dtype != dtype:
            with np.errstate(invalid="ignore"):  # NaN as an integer is found by the comparison
                result = given.astype(dtype)
            if given.dtype.kind not in ("b" if dtype is np.bool_ else "biuf") or not (result == given).all():
                raise ValueError("not all values are such")
        if given.ndim == 0:
            result = np.full(shape, result)
        elif given.shape != shape:
            result = np.broadcast_to(result, shape)
    except (ValueError, TypeError, OverflowError) as error:
        raise KinerjaError(
            _(
                "{name}: cannot be read as {kind} of shape {shape} ({error}).",
                name=name,
                kind=dtype.__name__,
                shape=shape,
                error=error,
            )
        ) from error
    if given.size == 0:
        return result
    least, most = (given.item(), given.item()) if given.size == 1 else (given.min(), given.max())
    if not (least >= low and most <= high):
        where = tuple(int(i) for i in np.argwhere(~((result >= low) & (result <= high)))[0])
        raise KinerjaError(
            _(
                "{name}{where} is {result}; give a value from {low} to {high}.",
                name=name,
                where=list(where),
                result=result[where],
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
    """The Q queues of a desk. A scalar stands for all queues.

    Attributes
    ----------
    klass : int64[Q]
        Class; 0 is served first. The queues of one class are ordered alike.
    by_due : bool[Q]
        Order by earliest due date (due, arrival, id); else (arrival, id).
    suspends : bool[Q]
        File work: suspended when the officer leaves, resumed by the same officer. Else counter work: finished first,
        after closing as overtime.
    sent_home : bool[Q]
        Who waits at closing is sent home: back at the next opening with the original arrival, or lost.
    rework : int64[Q]
        Queue to which an erroneous case returns; -1: it does not.
    complaint_base : int
        Queue of complaint class 0, the classes follow; -1: nobody complains.
    complaint_clock : int64[C]
        Working days allowed for a complaint, by class.
    """

    klass: Column
    by_due: Column = False
    suspends: Column = False
    sent_home: Column = False
    rework: Column = -1
    complaint_base: int = -1
    complaint_clock: Column = ()

    def __post_init__(self) -> None:
        shape = (np.size(self.klass),)
        classes = np.size(self.complaint_clock)
        _set(
            self,
            klass=array("klass", np.atleast_1d(self.klass), np.int64, shape, 0, LONGEST),
            by_due=array("by_due", self.by_due, np.bool_, shape, 0, 1),
            suspends=array("suspends", self.suspends, np.bool_, shape, 0, 1),
            sent_home=array("sent_home", self.sent_home, np.bool_, shape, 0, 1),
            rework=array("rework", self.rework, np.int64, shape, -1, shape[0] - 1),
            complaint_base=int(self.complaint_base),
            complaint_clock=array(
                "complaint_clock", np.atleast_1d(self.complaint_clock), np.int64, (classes,), 0, LONGEST
            ),
        )
        for klass in np.unique(self.klass):
            if np.unique(self.by_due[self.klass == klass]).size > 1:
                raise KinerjaError(
                    _(
                        "by_due: the queues of class {klass} are ordered differently, by due date and by "
                        "arrival; give them different classes.",
                        klass=klass,
                    )
                )
        if self.complaint_base != -1 and not (
            self.complaint_base >= 0 and self.complaint_base + classes <= shape[0] and classes > 0
        ):
            raise KinerjaError(
                _(
                    "complaint_base: {classes} complaint classes from queue {complaint_base} on do not "
                    "fit {first_shape} queues; one queue a class.",
                    classes=classes,
                    complaint_base=self.complaint_base,
                    first_shape=shape[0],
                )
            )

    def __len__(self) -> int:
        return int(np.size(self.klass))


@dataclass(frozen=True, eq=False)
class Requests:
    """n requests and the luck they were born with. A scalar stands for all n; luck by attempt is [n, A] or [n, 1].

    Attributes
    ----------
    id : int64[n]
        Unique at the desk, 0 .. 2**62 - 1; breaks ties.
    queue : int64[n]
    arrival : int64[n]
        Tick.
    work : float64[n, A]
        Content in ticks of an officer of rate 1; the service lasts ``max(1, floor(work / rate + .5))``.
    u_error : float64[n, A]
        An attempt is erroneous where this is below the officer's probability at completion.
    due : int64[n]
        Tick; NEVER for none.
    patience : int64[n]
        Ticks in a queue, counted from the original arrival (from the return, for rework), until the citizen gives up.
    returns : bool[n]
        Who is sent home comes back; else lost.
    rework_delay : int64[n]
        Ticks until an erroneous case returns.
    u_complain, u_triage : float64[n]
        A case that ended is complained about, and the complaint discarded, where these are below the desk's chances.
    complaint_class : int64[n]
    complaint_delay : int64[n]
        Ticks, at least 1, from the end of the case to the complaint.
    complaint_work, complaint_u_error : float64[n, A]
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

    def __post_init__(self) -> None:
        n = np.size(self.id)
        luck = [self.work, self.u_error, self.complaint_work, self.complaint_u_error]
        attempts = max([np.shape(x)[1] for x in luck if np.ndim(x) == 2], default=1)
        integer = {"id": (0, NEVER - 1), "queue": (0, LONGEST), "arrival": (0, 2**60), "due": (0, NEVER)}
        integer |= {"patience": (0, NEVER), "rework_delay": (0, LONGEST)}
        integer |= {"complaint_class": (0, LONGEST), "complaint_delay": (1, LONGEST)}
        columns: dict[str, object] = {
            name: array(name, getattr(self, name), np.int64, (n,), *limits)
            for name, limits in integer.items()
        }
        columns["returns"] = array("returns", self.returns, np.bool_, (n,), 0, 1)
        for name in ("u_complain", "u_triage"):
            columns[name] = array(name, getattr(self, name), np.float64, (n,), 0, 1)
        for name in ("work", "u_error", "complaint_work", "complaint_u_error"):
            value = np.asarray(getattr(self, name))
            value = value[:, None] if value.ndim == 1 else value
            high = LONGEST if name.endswith("work") else 1
            columns[name] = array(name, value, np.float64, (n, attempts), 0, high)
        _set(self, **columns)

    def __len__(self) -> int:
        return len(self.id)


class _Log:
    """Columns of equal length that are also a data frame."""

    @classmethod
    def of(cls, log: Ints) -> Self:
        """Cut a log, int64[columns, n], into its columns; `parent` is derived."""
        names = (f.name for f in fields(cls))  # type: ignore[arg-type]
        columns = {name: column.copy() for name, column in zip(names, log, strict=False)}
        if "error" in columns:
            columns["error"] = columns["error"].astype(np.bool_)
        else:
            is_complaint = columns["id"] >= COMPLAINT_BIT
            columns["parent"] = np.where(is_complaint, columns["id"] ^ COMPLAINT_BIT, -1)
        return cls(**columns)

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))  # type: ignore[arg-type]

    def frame(self) -> pd.DataFrame:
        """The same columns as a data frame, a row an entry."""
        return pd.DataFrame({f.name: getattr(self, f.name) for f in fields(self)})  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class Cases(_Log):
    """Cases that ended, in the order they did (ticks; -1 for none).

    Attributes
    ----------
    id : int64[n]
        A complaint has its request's id plus ``COMPLAINT_BIT``.
    queue : int64[n]
        The first queue.
    arrival, first_start, finish : int64[n]
        The end of a case done after closing is the closing.
    officer : int64[n]
        Of the first attempt.
    attempts, errors : int64[n]
        Attempts finished, and how many were erroneous.
    status : int64[n]
        DONE, LEFT (gave up), LOST (sent home and not back) or DISCARDED (at triage).
    sent_home : int64[n]
        Times sent home.
    due : int64[n]
    parent : int64[n]
        The request a complaint is about.
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
    """Attempts that were finished, in the order they were.

    Attributes
    ----------
    id, queue : int64[n]
    attempt : int64[n]
        From 1.
    officer : int64[n]
    joined : int64[n]
        Tick at which this attempt's wait began: the arrival, or the return for rework.
    start, finish : int64[n]
        A job done after closing finishes at closing.
    overtime : int64[n]
        Ticks past closing.
    service : int64[n]
        Ticks the officer worked on it, overtime included, suspensions not.
    error : bool[n]
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
