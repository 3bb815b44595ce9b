"""Results that ship with the project: too long for a notebook, read where nobody has changed what is studied."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sim.agency import Agency
from sim.levers import Policy
from sim.paths import data_dir
from sim.study.compare.design import CompareStudy
from sim.study.compare.result import CompareResult
from sim.study.load import AnotherStudy, load_result
from sim.study.spec import StudySpec


def saved_result(name: str, spec: StudySpec, *, months: Sequence[str] = ()) -> Any:
    """Read the saved result of a study; where what is studied was changed, run it and warn.

    Parameters
    ----------
    name : str
        Of the folder in ``data/saved``; ``make proof-saved`` makes them all anew.
    spec : StudySpec
        The study.
    months : sequence of str
        Of a comparison: outcomes whose months are kept in the saved result; of all others it has years only.

    Returns
    -------
    StudyResult
        Of the class that belongs to the kind of study, with the texts of `spec`.

    Examples
    --------
    A changed study, here one of a year with two replications, runs::

        saved_result("04-indicators", CompareStudy.of("contoh", ["status_quo", "kpi_speed"], years=1, replications=2))
    """
    folder = data_dir() / "saved" / name
    if folder.is_dir():
        with contextlib.suppress(AnotherStudy):
            return load_result(folder, spec)
    warnings.warn(f"The saved result {name} does not answer this study, which is run instead.", stacklevel=2)
    return spec.run(progress=False)


def compare_saved(
    name: str,
    agency: Agency | str | Path,
    policies: Sequence[Policy | str | Path],
    *,
    months: Sequence[str] = (),
    **design: Any,
) -> CompareResult:
    """Read the saved result of a comparison; see :func:`saved_result` and, for `design`, :func:`sim.compare`."""
    return saved_result(name, CompareStudy.of(agency, policies, **design), months=months)
