"""Read a saved comparison."""

from __future__ import annotations

from pathlib import Path

from sim.errors import KinerjaError
from sim.levers.policy import policy_from
from sim.runs.job import ORDER
from sim.runs.results import AGENCY, agency_from, read_result
from sim.study.checks import scenario_from_mapping
from sim.study.compare.result import CompareResult


def load_comparison(folder: str | Path) -> CompareResult:
    """Read a saved comparison and make sure that it is what was written.

    Levers that were defined in a notebook are not restored (no code is read from files): their policies are
    named in ``manifest["not_restored"]``, and everything but :meth:`CompareResult.trace` works.

    Raises
    ------
    DamagedResult
        With the file that is missing, truncated or edited.
    """
    tables, documents, manifest = read_result(folder)
    if set(tables) != set(ORDER):
        raise KinerjaError(f"{folder}: a result of another kind than a comparison.")
    study = manifest["study"]
    policies, lost = [], []
    for mapping in study["policies"]:
        policy, whole = policy_from(mapping)
        policies.append(policy)
        lost += [] if whole else [policy.name]
    manifest["not_restored"] = lost
    return CompareResult(
        agency=agency_from(documents[AGENCY]),
        policies=tuple(policies),
        baseline=study["baseline"],
        scenario=scenario_from_mapping(study["scenario"]),
        manifest=manifest,
        headline=tuple(study["headline"]),
        title=study["title"],
        question=study["question"],
        **tables,
    )
