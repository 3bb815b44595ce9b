"""Results that ship with the project: too long for a notebook, and read there while the study is unchanged."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sim.agency import Agency
from sim.levers import Policy
from sim.paths import data_dir
from sim.study.compare.design import CompareStudy
from sim.study.compare.result import CompareResult
from sim.study.load import load_result
from sim.study.result import StudyResult
from sim.study.sensitivity.design import SensitivityStudy
from sim.study.sensitivity.result import SensitivityResult
from sim.study.spec import StudySpec


def compare_saved(
    name: str,
    agency: Agency | str | Path,
    policies: Sequence[Policy | str | Path],
    *,
    months: Sequence[str] = (),
    **design: Any,
) -> CompareResult:
    """Read the saved result of a comparison; where the comparison was changed, run it and warn.

    Parameters
    ----------
    name : str
        Of the folder in ``data/saved``; ``make proof-saved`` makes them all anew.
    agency, policies
        As in :func:`sim.compare`.
    months : sequence of str
        Outcomes whose months are kept in the saved result; of all others it has years only.
    **design
        ``years, replications, seed, scenario``...: see :class:`sim.study.CompareStudy`.

    Returns
    -------
    CompareResult

    Examples
    --------
    A changed study, here one of a year with two replications, runs::

        compare_saved("04-indicators", "contoh", ["status_quo", "kpi_speed"], years=1, replications=2)
    """
    return _saved(name, CompareStudy.of(agency, policies, **design))


def sensitivity_saved(
    name: str, agency: Agency | str | Path, policies: Sequence[Policy | str | Path], **design: Any
) -> SensitivityResult:
    """Read the saved result of a sensitivity analysis; where it was changed, run it and warn.

    Parameters
    ----------
    name, agency, policies
        As in :func:`compare_saved`.
    **design
        Further parameters of :class:`sim.study.SensitivityStudy`.

    Returns
    -------
    SensitivityResult
    """
    return _saved(name, SensitivityStudy.of(agency, policies, **design))


def same_study(saved: StudyResult, spec: StudySpec) -> bool:
    """Return whether a saved result answers exactly this study."""
    now = json.loads(json.dumps(spec.to_dict()))  # as it comes back from a manifest
    return saved.agency == spec.agency and {"kind": saved.kind, **saved.manifest["study"]} == now


def _saved(name: str, spec: StudySpec) -> Any:
    folder = data_dir() / "saved" / name
    if folder.is_dir():
        result = load_result(folder)
        if same_study(result, spec):
            return result
    warnings.warn(f"The saved result {name} does not answer this study, which is run instead.", stacklevel=3)
    return spec.run(progress=False)
