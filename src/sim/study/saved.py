"""Comparisons that ship with the project: too long for a notebook, read where nobody has changed what is compared."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.levers import Policy
from sim.paths import data_dir
from sim.study.compare import compare, study_of
from sim.study.comparison import Comparison
from sim.study.spec import Study
from sim.study.store import load_comparison, told
from sim.world import Scenario

if TYPE_CHECKING:
    from sim.agency import Agency


def compare_saved(
    name: str, agency: Agency | str | Path, policies: Sequence[Policy | str | Path], **design: Any
) -> Comparison:
    """Read the saved result of a comparison; where what is compared was changed, run it and warn.

    Parameters
    ----------
    name : str
        Of the folder in ``data/saved``; ``make proof-saved`` makes them all anew.
    agency, policies
        As in :func:`sim.study.compare`.
    **design
        years, replications, seed, scenario of :func:`sim.study.compare`.

    Returns
    -------
    Comparison
        Read from ``data/saved``, it may lack the months of single units (``manifest["months_of_units"]``).

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
            return saved
    warnings.warn(f"The saved result {name} does not answer this study, which is run instead.", stacklevel=2)
    return compare(agency, policies, progress=False, **design)


def same_study(saved: Comparison, study: Study) -> bool:
    """Whether a saved comparison answers exactly this study."""
    return saved.agency == study.agency and saved.manifest["study"] == json.loads(json.dumps(told(study)))
