"""A form for an office that is in no agency yet: one unit with the services of its log."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from sim.agency import Agency
from sim.agency.spec import CHANNELS
from sim.errors import KinerjaError, _
from sim.inference.desk.opening_hours import HoursResult
from sim.twin.desk_log import calendar_of, days_of, read_log


def desk_form(
    log: pd.DataFrame,
    like: Agency,
    unit: str,
    *,
    channel: str = "file",
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    hours: HoursResult | None = None,
) -> Agency:
    """Return an agency of one unit with the services of a log: a form that `fit_desk` and `with_inputs` fill in.

    Its officers are as many as are seen at work on a mean open day, over the presence that `like` assumes, so that
    each is one who is there; every officer serves every service. All other numbers are those of the first service unit
    of `like` and its first service in this channel, and are marked as assumptions; seasons are left out.

    Parameters
    ----------
    log : DataFrame
        One row per event, with officers.
    like : Agency
        Where the other numbers come from.
    unit : str
        Code of the unit; of its service too, where the log has no column of services.
    channel : {"counter", "file", "online"}
        Of its services.
    columns, timezone, hours
        As in `fit_desk`.

    Returns
    -------
    Agency

    Raises
    ------
    KinerjaError
        A log without officers, an agency without a service unit.

    Examples
    --------
    >>> from sim.agency import load_agency
    >>> days = pd.bdate_range("2026-03-02", periods=20)
    >>> rows = pd.DataFrame({"case": range(40), "activity": "served", "time": days.repeat(2)})
    >>> rows["officer"] = ["a", "b"] * 20
    >>> form = desk_form(rows, load_agency("contoh"), "izin")
    >>> form.units[0].officers, [s.service for s in form.services], form.services[0].status
    (3, ['izin'], 'A')
    """
    if channel not in CHANNELS:
        raise KinerjaError(
            _("channel is {channel!r}; the choices are {known}.", channel=channel, known=", ".join(CHANNELS))
        )
    read = read_log(log, columns=columns, timezone=timezone)
    if not read.has("officer") or read.rows["officer"].isna().all():
        raise KinerjaError(_("log: no event names an officer, so that nobody knows how many there are."))
    models = [s for s in like.services if s.channel == channel] or list(like.services)
    if not models:
        raise KinerjaError(_("{agency} has no service that could be the form.", agency=like.name))
    service, old = models[0], like.unit(models[0].unit)
    rows = read.rows.dropna(subset=["officer"])
    calendar = calendar_of(rows["time"], days_of(hours)) if hours is not None else calendar_of(rows["time"])
    day = rows["time"].to_numpy("M8[D]")
    seen = rows.assign(day=day)[np.isin(day, calendar.dates)]
    span = (calendar.dates >= day.min()) & (calendar.dates <= day.max())
    daily = seen.drop_duplicates(["day", "officer"]).shape[0] / max(int(span.sum()), 1)
    officers = max(1, math.ceil(daily / (1 - old.absence)))
    names = sorted(read.rows["service"].unique()) if read.has("service") else [unit]
    assumed = f"form {like.name}, assumed"
    head = f"pns: {daily:.1f} officers seen on a mean open day over presence {1 - old.absence:.2f} [A]; {assumed}"
    renamed = {"name": unit, "label": unit}
    new = replace(
        old,
        unit=unit,
        label_id=unit,
        label_en=unit,
        pns=officers,
        pppk=0,
        utilisation=None,
        source=head,
        status="A",
    )
    served = tuple(
        replace(
            service, service=name, unit=unit, label_id=name, label_en=name, channel=channel, staff=officers,
            source=assumed, status="A",
        )
        for name in names
    )  # fmt: skip
    return replace(
        like,
        name=unit,
        label=unit,
        facts=tuple(replace(f, value=renamed[f.key]) if f.key in renamed else f for f in like.facts),
        units=(new,),
        services=served,
        demand=(),
        programmes=(),
    )
