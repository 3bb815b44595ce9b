"""The evidence behind policies as a table, and how it is worded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from sim.errors import Message, _
from sim.evidence import Evidence, Finding
from sim.language import own_text, speaking
from sim.language.numbers import number
from sim.outcomes import OUTCOMES
from sim.report.names import FINDING_UNITS, GRADE_NAMES
from sim.report.plain import text_table

if TYPE_CHECKING:
    from sim.levers import Lever, Policy


MARKS = {1: "▲", 0: "○", -1: "▼"}
"""Clearly better, not yet clear, clearly worse: readable without colour."""


def heading(outcome: str) -> str:
    """Return the short name of an outcome with its unit."""
    return f"{OUTCOMES[outcome].short} ({OUTCOMES[outcome].unit})"


def evidence_table(
    policies: Iterable[Policy], preset: str = "shrunk", *, lang: str | None = None
) -> pd.DataFrame:
    """Return the findings that the levers of these policies rest on, and how well each is known.

    Parameters
    ----------
    policies : iterable of Policy
        Those of :func:`distinct` show only what makes the policies differ.
    preset : {"published", "shrunk", "indonesia"}
        Weighting of the evidence.
    lang : {"id", "en"}, optional
        The session's language by default.

    Returns
    -------
    DataFrame
        Text, one row per finding, in the order of the evidence table.
    """
    with speaking(lang):
        return text_table(
            {
                _("Research finding"): f"{own_text(finding)} [{finding.key}]",
                _("Effect size"): _size(finding),
                _("Uncertainty"): _uncertainty(finding),
                _("Evidence grade"): GRADE_NAMES[finding.grade],
                _("Source"): source(finding),
                _("Used by"): ", ".join(titles),
            }
            for finding, titles in findings(policies, preset)
        )


class HasPolicies(Protocol):
    """A result of any kind that is about several policies."""

    @property
    def policies(self) -> tuple[Policy, ...]: ...


def distinct(result: HasPolicies) -> list[Policy]:
    """Return the policies of a result, each with only those levers that not all of them have."""
    first, *rest = result.policies
    if not rest:
        return [first]
    common = [lever for lever in first.levers if all(lever in policy.levers for policy in rest)]
    return [
        replace(policy, levers=tuple(lever for lever in policy.levers if lever not in common))
        for policy in result.policies
    ]


def findings(policies: Iterable[Policy], preset: str) -> list[tuple[Finding, list[str]]]:
    """Return the findings that levers declare, in the order of the evidence table, with the titles of the levers."""
    evidence = Evidence.load(preset)
    used: dict[str, list[str]] = {}
    for policy in policies:
        for lever in policy.levers:
            for key in lever.evidence:
                titles = used.setdefault(key, [])
                if lever_title(lever) not in titles:
                    titles.append(lever_title(lever))
    return [(evidence[key], used[key]) for key in evidence if key in used]


def unsupported(policies: Iterable[Policy]) -> list[str]:
    """Return the titles of levers that rest on no row of the evidence table: their effects are assumptions."""
    known = Evidence.load()
    levers = [lever for policy in policies for lever in policy.levers]
    return list(dict.fromkeys(lever_title(x) for x in levers if not any(key in known for key in x.evidence)))


def lever_title(lever: Lever) -> str:
    """Return the name of a lever for people, with its tag where it has one."""
    return f"{lever.title} ({lever.tag})" if lever.tag else str(lever.title)


def source(finding: Finding) -> str:
    """Return where a finding comes from, and on how much it rests."""
    return "; ".join(filter(None, (finding.source, str(Message(finding.basis)))))


def doubt(finding: Finding) -> float:
    """Return the SD of a finding over places and studies, relative to its mean.

    Infinite where only the direction is known, NaN where the mean is zero, zero where no uncertainty is reported.
    """
    if not np.isfinite(finding.mean) or finding.mean == 0:
        return np.inf if not np.isfinite(finding.mean) else np.nan
    parts = [x for x in (finding.se, finding.between) if np.isfinite(x)]
    return float(np.sqrt(np.square(parts).sum()) / abs(finding.mean))


def _size(finding: Finding) -> str:
    if not np.isfinite(finding.mean):
        return str(_("only the direction is known"))
    size = abs(finding.mean)
    text = number(finding.mean, 0 if size >= 10 else 3 if size < 0.1 else 2)
    return f"{text} {FINDING_UNITS[finding.unit]}"


def _uncertainty(finding: Finding) -> str:
    parts = [
        f"{name} {number(x, 2)}"
        for name, x in (
            (_("standard error"), finding.se),
            (_("between studies ±"), finding.between),
            (_("between persons ±"), finding.spread),
        )
        if np.isfinite(x) and x > 0
    ]
    return "; ".join(parts) or "–"
