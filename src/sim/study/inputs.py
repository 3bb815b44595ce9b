"""Agencies and policies given by name or path, read with everything that is wrong with them at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sim.agency import Agency
from sim.agency.load import as_agency
from sim.errors import KinerjaError, Problem, Problems, _
from sim.levers import Policy
from sim.study.files import read_policy


def resolve(
    agency: Agency | str | Path, policies: Sequence[Policy | str | Path], baseline: int | str = 0
) -> tuple[Agency, tuple[Policy, ...], str]:
    """Read an agency and policies that may be given by name or path.

    Parameters
    ----------
    agency : Agency, str or path
    policies : sequence of Policy, str or path
    baseline : int or str
        Position or name of the policy the others are compared with.

    Returns
    -------
    agency : Agency
    policies : tuple of Policy
    baseline : str
        Its name; empty where there is no policy.

    Raises
    ------
    Problems
        With everything wrong in the agency and in every policy.
    """
    if isinstance(policies, (str, Path, Policy)):
        raise KinerjaError(_("policies: give a list, e.g. [status_quo(), ...]."))
    problems: list[Problem] = []
    place: Agency | None = None
    try:
        place = as_agency(agency)
    except Problems as error:
        problems += error.problems
    chosen = []
    for policy in policies:
        try:
            chosen.append(policy if isinstance(policy, Policy) else read_policy(policy))
        except Problems as error:
            problems += error.problems
    if problems or place is None:
        raise Problems(problems)
    if isinstance(baseline, int):
        if not -len(chosen) <= baseline < max(1, len(chosen)):
            raise KinerjaError(
                _(
                    "baseline: there is no policy number {baseline}; there are {n_chosen}.",
                    baseline=baseline,
                    n_chosen=len(chosen),
                )
            )
        baseline = chosen[baseline].name if chosen else ""
    return place, tuple(chosen), baseline
