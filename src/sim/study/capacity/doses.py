"""One policy in many doses: the same levers with another number of seats, officers or the like."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from sim.agency import Agency
from sim.errors import KinerjaError, Message, _
from sim.levers import Lever, Policy
from sim.names import nearest


def dosed(
    policy: Policy,
    levers: Sequence[str],
    parameter: str,
    dose: float,
    along: Mapping[str, float] | None = None,
) -> Policy:
    """Return a policy with a parameter of one or more of its levers set, all together, to a dose.

    Parameters
    ----------
    policy : Policy
    levers : sequence of str
        Keys of levers of the policy, e.g. ``"training:ict"``. The dose is divided among several in proportion to what
        the policy gives them, in whole numbers (largest remainders).
    parameter : str
    dose : float
        0 takes the levers out.
    along : mapping, optional
        Other parameter -> one per this many of the dose, rounded up, at least 1: ``{"classes": 20}`` is a class for
        every 20 seats.

    Returns
    -------
    Policy
        Named after the policy and the dose.

    Examples
    --------
    >>> from sim.levers import Training, status_quo
    >>> plan = status_quo().plus(Training(seats=40), name="plan")
    >>> more = dosed(plan, ["training"], "seats", 60, {"classes": 20})
    >>> next(lever for lever in more.levers if lever.key == "training").classes
    3
    """
    chosen = [_lever(policy, key) for key in levers]
    shares = _divided(dose, [float(getattr(lever, parameter)) for lever in chosen])
    name = f"{policy.name}-{dose:g}"
    changed: list[Lever] = []
    gone = [lever.key for lever, share in zip(chosen, shares, strict=True) if share <= 0]
    for lever, share in zip(chosen, shares, strict=True):
        if share > 0:
            values: dict[str, float] = {parameter: share}
            values |= {key: max(1, int(np.ceil(share / each))) for key, each in (along or {}).items()}
            changed.append(dataclasses.replace(lever, **values))  # type: ignore[arg-type]
    kept = policy.minus(*gone) if gone else policy
    return kept.plus(*changed, name=name, label_id=policy.label_id, label_en=policy.label_en)


def wrong_dose(
    policy: Policy, levers: Sequence[str], parameter: str, along: Mapping[str, float]
) -> Message | None:
    """Return what is wrong with doses of a parameter; None where nothing is."""
    try:
        for key in levers:
            lever = _lever(policy, key)
            numbers = [f.name for f in dataclasses.fields(lever) if f.type in ("int", "float", int, float)]
            for name in (parameter, *along):
                if name not in numbers:
                    there = ", ".join(numbers)
                    return _(
                        "lever {key!r} has no number {name!r}{hint}; it has {there}.",
                        key=key,
                        name=name,
                        hint=nearest(str(name), numbers),
                        there=there,
                    )
    except KinerjaError as error:
        return error.message
    return None


def timetable(agency: Agency, policy: Policy, levers: Sequence[str]) -> pd.DataFrame:
    """Return a year of training plans, quarter by quarter.

    Returns
    -------
    DataFrame
        ``quarter, lever, course, domain, seats, classes, rooms, trainer_days, jp, rupiah, officer_days``: seats and
        classes held in the quarter, rooms of at most the course's size that they fill, days of a trainer in each room.

    Raises
    ------
    KinerjaError
        Where a lever is not a training plan.
    """
    from sim.levers import Training
    from sim.levers.training import held_in

    rows = []
    present = {lever.key: lever for lever in policy.levers}
    for key in levers:
        lever = present.get(key)
        if lever is None:
            continue  # of this course there are no seats
        if not isinstance(lever, Training):
            raise KinerjaError(
                _("lever {key!r} is no training plan; a timetable is for training only.", key=key)
            )
        course = next(c for c in agency.courses if c.course == lever.course)
        for quarter in range(4):
            sizes = [
                size for month in range(3 * quarter + 1, 3 * quarter + 4) for size in held_in(lever, month)
            ]
            rooms = sum(int(np.ceil(size / course.seats)) for size in sizes)
            seats, days = sum(sizes), float(np.ceil(course.days))
            rows.append(
                (
                    quarter + 1,
                    key,
                    course.course,
                    course.domain,
                    seats,
                    len(sizes),
                    rooms,
                    rooms * days,
                    seats * course.jp,
                    seats * course.cost,
                    seats * days,
                )
            )
    columns = ["quarter", "lever", "course", "domain", "seats", "classes", "rooms", "trainer_days"]
    return pd.DataFrame(rows, columns=[*columns, "jp", "rupiah", "officer_days"])


def _lever(policy: Policy, key: str) -> Lever:
    have = {lever.key: lever for lever in policy.levers}
    if key not in have:
        raise KinerjaError(
            _(
                "policy {policy!r} has no lever {key!r}{hint}; it has {have}.",
                policy=policy.name,
                key=key,
                hint=nearest(str(key), have),
                have=", ".join(have),
            )
        )
    return have[key]


def _divided(total: float, parts: Sequence[float]) -> list[float]:
    """`total` in proportion to `parts`; whole numbers where the total is one (largest remainders)."""
    if len(parts) == 1:
        return [int(total) if float(total).is_integer() else total]
    weights = np.asarray(parts) / sum(parts) if sum(parts) > 0 else np.full(len(parts), 1 / len(parts))
    exact = weights * total
    if not float(total).is_integer():
        return exact.tolist()
    whole = np.floor(exact).astype(int)
    for i in np.argsort(-(exact - whole), kind="stable")[: int(total) - int(whole.sum())]:
        whole[i] += 1
    return whole.tolist()
