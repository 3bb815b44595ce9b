"""Put fitted numbers into an agency, each with its source, interval and status; bounds stay bounds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import pandas as pd

from sim.agency import Agency
from sim.agency.provenance import source_of
from sim.agency.spec import KEYS, PERIODS, TABLES, ClosedDay, Demand, Hours
from sim.errors import KinerjaError, _
from sim.inference.desk.inputs import SIDES, InputsResult


def with_inputs(
    agency: Agency,
    inputs: InputsResult,
    *,
    name: str | None = None,
    label: str | None = None,
    assume: Mapping[tuple[str, str, str], float] | None = None,
) -> Agency:
    """Replace numbers of an agency by fitted ones, each with its source, interval and status.

    A bound is no estimate and is never put in: the agency keeps its number, whose source tells the bound
    (`kept_bounds` lists them), and a number that the bound contradicts must be replaced in `assume`. What the data
    cannot identify (``no``) comes in as the assumption that it is, status A. Fitted hours and closed days replace those
    of the unit; shifts, a lower bound, do not. Where the demand of a unit's services was
    fitted, the unit's stated utilisation is removed: it follows from demand, work and staff.

    Parameters
    ----------
    agency : Agency
    inputs : InputsResult
        Rows of the tables services, demand and units.
    name, label : str, optional
        Of the new agency; by default those it had.
    assume : mapping, optional
        (table, row, column) -> number to use where the data give a bound only; an assumption, status A.

    Returns
    -------
    Agency

    Raises
    ------
    KinerjaError
        A row that the agency does not have, a number outside the range of its column (see `sim.agency.spec`), a number
        of the agency that a bound contradicts.

    Examples
    --------
    >>> from sim.agency import load_agency
    >>> from sim.inference import fit_absence
    >>> book = pd.DataFrame({"who": [1, 1, 2, 2, 3, 3], "here": [1, 0, 1, 1, 1, 1]})
    >>> found = fit_absence(book, "who", "here", "dukcapil", "attendance 2026")
    >>> unit = with_inputs(load_agency("contoh"), found).unit("dukcapil")
    >>> round(unit.absence, 3), unit.source.split("; ")[-1]
    (0.167, 'absence: attendance 2026, mean over 3 officers, CR2, 6 observations, 0 to 0.884 [D]')
    """
    tables: dict[str, dict[str, Any]] = {
        table: {"/".join(str(getattr(row, k)) for k in KEYS[table]): row for row in agency.rows(table)}
        for table in ("units", "services", "demand")
    }
    found = inputs.table().to_dict("records")
    assumed = dict(assume or {})
    _refuse_strange(assumed, found)
    against = []
    for row in found:
        rows = tables.get(row["table"])
        if rows is None:
            raise KinerjaError(
                _(
                    "{table} is not a table that can be fitted; there are {tables}.",
                    table=row["table"],
                    tables=", ".join(tables),
                )
            )
        old = rows.get(row["row"])
        if old is None and row["table"] == "demand":
            old = _new_factor(row["row"], tables["services"])
        if old is None:
            raise KinerjaError(
                _(
                    "{table}: {agency} has no {row}; there are {rows}.",
                    table=row["table"],
                    agency=agency.name,
                    row=row["row"],
                    rows=", ".join(rows),
                )
            )
        if row["identified"] != "bound":
            rows[row["row"]] = _fitted(old, row)
            continue
        key = (row["table"], row["row"], row["column"])
        if key in assumed:
            method = f"assumed, {_side(row)} {row['value']:.3g} by the log"
            own = row | {"value": assumed[key], "method": method, "status": "A"}
            old = _fitted(old, own)
        elif not _holds(old, row):
            against.append((key, getattr(old, row["column"]), row))
        rows[row["row"]] = old if key in assumed else _bounded(old, row)
    if against:
        key, value, row = against[0]
        raise KinerjaError(
            _(
                "{n} numbers contradict the log (see kept_bounds): {table} {row} {column} is {value:.3g}, the log "
                "shows {side} {bound:.3g} ({low:.3g} to {high:.3g}). Say what to use instead: assume={{{key!r}: ...}}.",
                n=len(against),
                table=row["table"],
                row=row["row"],
                column=row["column"],
                value=value,
                side=SIDES[row["side"]],
                bound=row["value"],
                low=row["low"],
                high=row["high"],
                key=key,
            )
        )
    fitted = {tables["services"][row["row"]].unit for row in found if row["column"] == "demand"}
    for code in fitted:
        tables["units"][code] = replace(tables["units"][code], utilisation=None)
    own = inputs.tables.get("hours", pd.DataFrame(columns=["unit"]))
    hours, closed_days = agency.hours, agency.closed_days
    for code in own["unit"].unique():
        about: dict[str, Any] = {"source": f"{found[0]['source']}, opening hours of the log", "status": "D"}
        tables["units"][code] = replace(tables["units"][code], holidays="own")
        hours = (
            *(r for r in hours if r.unit != code),
            *(Hours(**r, **about) for r in own.to_dict("records")),
        )
        closed = inputs.tables["closed_days"].assign(date=lambda t: t["date"].dt.strftime("%Y-%m-%d"))
        closed_days = (
            *(r for r in closed_days if r.unit != code),
            *(ClosedDay(**r, **about) for r in closed.to_dict("records")),
        )
    renamed = {"name": name or agency.name, "label": label or agency.label}
    return replace(
        agency,
        name=renamed["name"],
        label=renamed["label"],
        facts=tuple(replace(f, value=renamed[f.key]) if f.key in renamed else f for f in agency.facts),
        units=tuple(tables["units"].values()),
        services=tuple(tables["services"].values()),
        demand=tuple(tables["demand"].values()),
        hours=hours,
        closed_days=closed_days,
    )


def kept_bounds(agency: Agency, inputs: InputsResult) -> pd.DataFrame:
    """Return the numbers for which a log gives a bound only, with what the agency has instead.

    Parameters
    ----------
    agency : Agency
    inputs : InputsResult

    Returns
    -------
    DataFrame
        table, row, column, value (the agency's; missing where it has none), side ("upper": at most, "lower": at
        least), bound, low, high (of its interval), holds (the value is not beyond that interval).

    Examples
    --------
    >>> from sim.agency import load_agency
    >>> from sim.inference import event_log, fit_rework
    >>> rows = pd.DataFrame({"case": range(40), "what": ["fix", "in", "in", "in"] * 10, "when": "2026-03-02"})
    >>> found = fit_rework(event_log(rows, "case", "what", "when"), ["fix"], "ktp", "log")
    >>> kept_bounds(load_agency("contoh"), found)[["column", "value", "side", "bound", "holds"]].values.tolist()
    [['error', 0.08, 'lower', 0.25, False]]
    """
    rows = []
    for row in inputs.table().query("identified == 'bound'").to_dict("records"):
        keys = KEYS[row["table"]]
        named = {"/".join(str(getattr(r, k)) for k in keys): r for r in agency.rows(row["table"])}
        old = named.get(row["row"])
        if old is None:
            continue
        rows.append(
            {**row, "value": getattr(old, row["column"]), "bound": row["value"], "holds": _holds(old, row)}
        )
    return pd.DataFrame(
        rows, columns=["table", "row", "column", "value", "side", "bound", "low", "high", "holds"]
    )


def _refuse_strange(
    assumed: Mapping[tuple[str, str, str], float], found: Sequence[Mapping[str, Any]]
) -> None:
    """Refuse assumptions about what is no bound of the data: they would be ignored."""
    bounds = [(r["table"], r["row"], r["column"]) for r in found if r["identified"] == "bound"]
    for key in assumed:
        if key not in bounds:
            raise KinerjaError(
                _(
                    "assume: {key} is no bound in these inputs; the bounds are {bounds}.",
                    key=key,
                    bounds=", ".join(map(repr, bounds)) or "-",
                )
            )


def _new_factor(row: str, services: Mapping[str, Any]) -> Demand | None:
    """Return a row of the demand table that the agency does not have yet; None where it has no such service."""
    service, period, index = row.split("/")
    if service not in services:
        return None
    if int(index) > PERIODS[period]:
        raise KinerjaError(
            _(
                "demand {row}: an agency's {period} goes from 1 to {most}. Leave such days out of the log.",
                row=row,
                period=period,
                most=PERIODS[period],
            )
        )
    return Demand(service=service, period=period, index=int(index), factor=1.0, source="", status="D")


def _side(row: Mapping[str, Any]) -> str:
    """Return "at most" or "at least", for a source, which is in English."""
    return SIDES[row["side"]].text(lang="en")


def _holds(old: Any, row: Mapping[str, Any]) -> bool:
    """Return whether a number of the agency keeps to a bound, within the interval of the bound."""
    value = getattr(old, row["column"])
    if value is None:  # patience without an end
        return bool(row["side"] == "lower")
    return bool(value <= row["high"] if row["side"] == "upper" else value >= row["low"])


def _bounded(old: Any, row: Mapping[str, Any]) -> Any:
    """Return a row of an agency's table as it is, its source telling a bound on one of its numbers."""
    column = row["column"]
    kept = [_without(part, column) for part in old.source.split("; ")]
    source, status = source_of(row["table"], old, column)
    clause = f"{column}: {source}, kept, {_side(row)} {row['value']:.3g} by {row['source']}".replace(";", ",")
    return replace(old, source="; ".join([*(k for k in kept if k), f"{clause} [{status}]"]))


def _fitted(old: Any, row: Mapping[str, Any]) -> Any:
    """Return a row of an agency's table with one number replaced, and the source of that number."""
    column, value = row["column"], float(row["value"])
    about = next(f for f in fields(TABLES[row["table"]]) if f.name == column).metadata
    low, high = about["low"], about["high"]
    if (low is not None and value < low) or (high is not None and value > high):
        raise KinerjaError(
            _(
                "{table} {row}: {column} {value:.4g} is outside {low} to {high}.",
                table=row["table"],
                row=row["row"],
                column=column,
                value=value,
                low=low,
                high=high,
            )
        )
    basis = f"{row['source']}, {row['method']}, {int(row['n'])} observations, {row['low']:.3g} to {row['high']:.3g}"
    clause = f"{column}: {basis.replace(';', ',')} [{row['status']}]"
    if row["table"] == "demand":
        return replace(old, factor=value, source=clause, status=row["status"])
    kept = [_without(part, column) for part in old.source.split("; ")]
    return replace(old, **{column: value}, source="; ".join([*(k for k in kept if k), clause]))


def _without(clause: str, column: str) -> str:
    """Return a clause of a source without one column; empty where it was about that column only."""
    match = re.match(r"([a-z0-9_]+(?:, [a-z0-9_]+)*): ", clause)
    if not match or column not in match[1].split(", "):
        return clause
    others = [name for name in match[1].split(", ") if name != column]
    return f"{', '.join(others)}: {clause[match.end() :]}" if others else ""
