"""Results that ship with the project: too long for a notebook, read where nobody has changed what is asked."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.levers import Policy
from sim.paths import data_dir
from sim.runs import results as store
from sim.study.compare.design import CompareStudy, compare, study_of
from sim.study.compare.design import told as told_comparison
from sim.study.compare.result import CompareResult
from sim.study.compare.saved import load_comparison
from sim.study.robust.result import RobustResult
from sim.study.sensitivity.design import SensitivityResult, SensitivityStudy
from sim.study.spec import told
from sim.world import Scenario

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
    """Read the saved result of a comparison; where what is compared was changed, run it and warn.

    Parameters
    ----------
    name : str
        Of the folder in ``data/saved``; ``make proof-saved`` makes them all anew.
    agency, policies
        As in :func:`sim.study.compare.run`.
    months : sequence of str
        Outcomes whose months are kept in the saved result; of all others it has years only.
    **design
        years, replications, seed, scenario of :func:`sim.study.compare.run`.

    Returns
    -------
    CompareResult

    Examples
    --------
    A changed study, here one of a year with two replications, runs::

        compare_saved("04-indicators", "contoh", ["status_quo", "kpi_speed"], years=1, replications=2)
    """
    folder = data_dir() / "saved" / name
    if folder.is_dir():
        saved = load_comparison(folder)
        study = study_of(agency, policies, **{**design, "scenario": design.get("scenario") or Scenario()})
        if same_study(saved, study):
            return replace(saved, agency=study.agency, policies=study.policies)  # what they are called today
    warnings.warn(f"The saved result {name} does not answer this study, which is run instead.", stacklevel=2)
    return compare(agency, policies, progress=False, **design)


def sensitivity_saved(
    name: str, agency: Agency | str | Path, policies: Sequence[Policy | str | Path], **design: Any
) -> SensitivityResult:
    """Read the saved result of a sensitivity analysis; where what is asked was changed, run it and warn.

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
    base, folder = study_of(agency, policies), data_dir() / "saved" / name
    spec = SensitivityStudy(agency=base.agency, policies=base.policies, **design)
    if folder.is_dir():
        tables, documents, manifest = store.read_result(folder)
        asked = (asdict(spec.agency), told(spec))
        if numbers((documents[store.AGENCY], manifest["study"])) == numbers(asked):
            robust = RobustResult(
                spec=spec, runs=tables["runs"], futures=tables["futures"], manifest=manifest
            )
            return SensitivityResult(robust, tables["parameters"], manifest["accuracy"], manifest)
    warnings.warn(f"The saved result {name} does not answer this study, which is run instead.", stacklevel=2)
    return spec.run(progress=False)


def same_study(saved: CompareResult, study: CompareStudy) -> bool:
    """Whether a saved comparison answers exactly this study; how things are called does not matter."""
    return numbers((asdict(saved.agency), saved.manifest["study"])) == numbers(
        (asdict(study.agency), told_comparison(study))
    )


def numbers(value: Any) -> Any:
    """What decides numbers: plain data without labels, titles and sources."""
    if isinstance(value, Mapping):
        return {str(k): numbers(v) for k, v in value.items() if not str(k).startswith(WORDS)}
    if isinstance(value, (list, tuple)):
        return [numbers(v) for v in value]
    return value
