"""Load and check agencies: those that ship, and those that users bring."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd

from sim.agency.doubt import Doubt
from sim.agency.frames import problems_of, refuse_wrong
from sim.agency.full import FULL, full_makassar
from sim.agency.read import read_agency
from sim.agency.sheets import near
from sim.agency.spec import Agency
from sim.errors import KinerjaError, Problem, Problems, _
from sim.names import known_arguments
from sim.paths import data_dir


@known_arguments()
def load_agency(name_or_path: str | os.PathLike[str]) -> Agency:
    """Load an agency, complete and checked.

    Parameters
    ----------
    name_or_path : str or path
        The name of a shipped agency (see :func:`agencies`), a folder of CSV files, or an Excel workbook
        (.xlsx) with the same tables as sheets. A shipped name takes precedence over a folder of that name: write
        ``./jambi`` for the folder.

    Raises
    ------
    Problems
        Everything that is wrong, each with file or sheet, row, column, and what to do.

    Notes
    -----
    docs/agency-format.md describes the tables. :func:`check_agency` also reports what is odd but not wrong.

    Examples
    --------
    >>> agency = load_agency("contoh")
    >>> [unit.unit for unit in agency.units]
    ['dukcapil', 'puskesmas', 'disdik']
    """
    if name_or_path == FULL:
        return full_makassar()
    agency, problems = _read(name_or_path)
    if agency is None:
        raise Problems([p for p in problems if not isinstance(p, Doubt)])
    return agency


@known_arguments()
def check_agency(name_or_path: Agency | str | os.PathLike[str]) -> list[Problem]:
    """Find everything that is wrong or odd about an agency; the list is empty where nothing is.

    Parameters
    ----------
    name_or_path : Agency, str or path
        As for :func:`load_agency`, or an agency.

    Returns
    -------
    list of Problem
        In the order of the input. A :class:`sim.agency.Doubt` is a warning: the agency loads all the same.
    """
    if isinstance(name_or_path, Agency):
        return list(problems_of(name_or_path))
    return [] if name_or_path == FULL else _read(name_or_path)[1]


def as_agency(agency: Agency | str | os.PathLike[str]) -> Agency:
    """Return an agency that is given as such, by the name of one that ships, or by the path of its files; checked."""
    if isinstance(agency, (str, os.PathLike)):
        return load_agency(agency)
    if isinstance(agency, Agency):
        refuse_wrong(agency)
        return agency
    raise KinerjaError(
        _(
            "agency: {agency!r} is neither an agency nor the name of one; shipped are {names}.",
            agency=agency,
            names=[*_shipped(), FULL],
        )
    )


@known_arguments()
def agencies() -> pd.DataFrame:
    """List the agencies that ship with the project.

    Returns
    -------
    DataFrame
        One row per agency; columns name, label, units, officers, pns, pppk (of the units modelled), services, routes
        (services of several steps; counts), ikm (of the whole agency).
    """
    return pd.DataFrame([_summary(load_agency(name)) for name in [*_shipped(), FULL]])


def _summary(agency: Agency) -> dict[str, object]:
    return {
        "name": agency.name,
        "label": agency.label,
        "units": len(agency.units),
        "officers": agency.officers,
        "pns": sum(u.pns for u in agency.units),
        "pppk": sum(u.pppk for u in agency.units),
        "services": len(agency.services),
        "routes": len({step.service for step in agency.steps}),
        "ikm": agency.fact("ikm"),
    }


def _shipped() -> list[str]:
    return sorted(p.name for p in (data_dir() / "agencies").iterdir() if p.is_dir())


def _read(name_or_path: str | os.PathLike[str]) -> tuple[Agency | None, list[Problem]]:
    given = os.fspath(name_or_path)
    shipped = _shipped()
    if given in shipped:
        return read_agency(data_dir() / "agencies" / given)
    if os.path.exists(given) or os.path.basename(given) != given:
        return read_agency(Path(given))
    names = [*shipped, FULL]
    do = _("{hint}Shipped are {known}.", hint=near(given, names), known=names)
    return None, [Problem(given, None, None, _("there is no agency, file or folder of this name."), do)]
