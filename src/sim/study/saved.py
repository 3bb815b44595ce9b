"""Results that ship with the project: too long for a notebook, read where the study has not been changed."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.levers import Policy
from sim.paths import data_dir
from sim.study.compare.design import CompareStudy
from sim.study.compare.result import CompareResult
from sim.study.load import load_result
from sim.study.sensitivity.design import SensitivityStudy
from sim.study.sensitivity.result import SensitivityResult
from sim.study.spec import StudySpec

if TYPE_CHECKING:
    from sim.agency import Agency

WORDS = ("label", "title", "question", "source", "status")
"""What names of texts begin with: they change no number."""


def compare_saved(
    name: str,
    agency: Agency | str | Path,
    policies: Sequence[Policy | str | Path],
    *,
    months: Sequence[str] = (),
    **design: Any,
) -> CompareResult:
    """Read the saved result of a comparison; where the study was changed, run it and warn.

    Parameters
    ----------
    name : str
        Folder in ``data/saved``; ``make proof-saved`` makes them all anew.
    agency, policies
        As in :func:`sim.compare`.
    months : sequence of str
        Outcomes whose months are kept in the saved result; of all others it has years only.
    **design
        years, replications, seed, scenario of :func:`sim.compare`.

    Returns
    -------
    CompareResult

    Examples
    --------
    A changed study, here one of a year with two replications, runs::

        compare_saved("04-indicators", "contoh", ["status_quo", "kpi_speed"], years=1, replications=2)
    """
    study = CompareStudy.of(agency, policies, **design)
    saved = _saved(name, study)
    return replace(saved, spec=study) if saved else study.run(progress=False)  # with today's names


def sensitivity_saved(
    name: str, agency: Agency | str | Path, policies: Sequence[Policy | str | Path], **design: Any
) -> SensitivityResult:
    """Read the saved result of a sensitivity analysis; where the study was changed, run it and warn.

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
    study = SensitivityStudy.of(agency, policies, **design)
    return _saved(name, study) or study.run(progress=False)


def same_study(saved: StudySpec, study: StudySpec) -> bool:
    """Return whether two specifications ask for the same numbers; how things are called does not matter."""
    one, other = ((asdict(spec.agency), spec.to_dict()) for spec in (saved, study))
    return _numbers(one) == _numbers(other)


def _saved(name: str, study: StudySpec) -> Any:
    folder = data_dir() / "saved" / name
    result = load_result(folder) if folder.is_dir() else None
    if result is not None and same_study(result.spec, study):
        return result
    warnings.warn(f"The saved result {name} does not answer this study, which is run instead.", stacklevel=3)
    return None


def _numbers(value: Any) -> Any:
    """What decides numbers: plain data without labels, titles and sources."""
    if isinstance(value, Mapping):
        return {str(k): _numbers(v) for k, v in value.items() if not str(k).startswith(WORDS)}
    if isinstance(value, (list, tuple)):
        return [_numbers(v) for v in value]
    return value
