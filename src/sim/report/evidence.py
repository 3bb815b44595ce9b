"""The evidence behind policies as a table, and how it is worded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from sim.errors import Message, _
from sim.evidence import Evidence, Finding
from sim.language import own_text
from sim.language.numbers import number
from sim.outcomes import OUTCOMES
from sim.report.names import FINDING_UNITS, GRADE_NAMES

if TYPE_CHECKING:
    from sim.levers import Lever, Policy


MARKS = {1: "▲", 0: "○", -1: "▼"}
"""Surely better, cannot be told, surely worse: readable without colour."""


def heading(outcome: str, lang: str | None = None) -> str:
    """Short name of an outcome with its unit."""
    return f"{OUTCOMES[outcome].short.text(lang)} ({OUTCOMES[outcome].unit.text(lang)})"


def evidence_table(
    policies: Iterable[Policy], preset: str = "shrunk", lang: str | None = None
) -> pd.DataFrame:
    """The findings that the levers of these policies rest on, and how well each is known.

    Parameters
    ----------
    policies : iterable of Policy
        Those of :func:`distinct` show only what makes the policies differ.
    preset : {"published", "shrunk", "indonesia"}
        How the evidence was read.

    Returns
    -------
    DataFrame
        Text; a row a finding, in the order of the evidence table.
    """
    used = findings(policies, preset, lang)
    rows = [
        {
            _("Research finding").text(lang): (f"{own_text(finding, lang=lang)} [{finding.key}]"),
            _("Effect size").text(lang): _size(finding, lang),
            _("Uncertainty").text(lang): _unsure(finding, lang),
            _("Evidence grade").text(lang): GRADE_NAMES[finding.grade].text(lang),
            _("Source").text(lang): source(finding, lang),
            _("Used by").text(lang): ", ".join(titles),
        }
        for finding, titles in used
    ]
    return pd.DataFrame(rows)


class HasPolicies(Protocol):
    """A result of any kind that is about several policies."""

    @property
    def policies(self) -> tuple[Policy, ...]: ...


def distinct(result: HasPolicies) -> list[Policy]:
    """The policies of a result, each with only those levers that not all of them have."""
    first, *rest = result.policies
    if not rest:
        return [first]
    common = [lever for lever in first.levers if all(lever in policy.levers for policy in rest)]
    return [
        replace(policy, levers=tuple(lever for lever in policy.levers if lever not in common))
        for policy in result.policies
    ]


def findings(
    policies: Iterable[Policy], preset: str, lang: str | None = None
) -> list[tuple[Finding, list[str]]]:
    """Findings the levers of `policies` declare, with the titles of those levers, in the order of the table."""
    evidence = Evidence.load(preset)
    used: dict[str, list[str]] = {}
    for policy in policies:
        for lever in policy.levers:
            for key in lever.evidence:
                titles = used.setdefault(key, [])
                if lever_title(lever, lang) not in titles:
                    titles.append(lever_title(lever, lang))
    return [(evidence[key], used[key]) for key in evidence if key in used]


def unsupported(policies: Iterable[Policy], lang: str | None = None) -> list[str]:
    """Titles of levers that rest on no row of the evidence table: what they do is an assumption."""
    known = Evidence.load()
    levers = [lever for policy in policies for lever in policy.levers]
    return list(
        dict.fromkeys(lever_title(x, lang) for x in levers if not any(key in known for key in x.evidence))
    )


def lever_title(lever: Lever, lang: str | None = None) -> str:
    """Name of a lever for people, with its tag where it has one."""
    title = lever.title.text(lang)
    return f"{title} ({lever.tag})" if lever.tag else title


def source(finding: Finding, lang: str | None = None) -> str:
    """Where a finding comes from, and on how much it rests."""
    return "; ".join(filter(None, (finding.source, Message(finding.basis).text(lang))))


def doubt(finding: Finding) -> float:
    """SD of a finding over places and studies, relative to its mean; infinite where only the direction is known."""
    if not np.isfinite(finding.mean) or finding.mean == 0:
        return np.inf if not np.isfinite(finding.mean) else np.nan
    parts = [x for x in (finding.se, finding.between) if np.isfinite(x)]
    return float(np.sqrt(np.square(parts).sum()) / abs(finding.mean))


def _size(finding: Finding, lang: str | None) -> str:
    if not np.isfinite(finding.mean):
        return _("only the direction is known").text(lang)
    size = abs(finding.mean)
    text = number(finding.mean, 0 if size >= 10 else 3 if size < 0.1 else 2, lang=lang)
    return f"{text} {FINDING_UNITS[finding.unit].text(lang)}"


def _unsure(finding: Finding, lang: str | None) -> str:
    parts = [
        f"{name.text(lang)} {number(x, 2, lang=lang)}"
        for name, x in (
            (_("standard error"), finding.se),
            (_("between studies ±"), finding.between),
            (_("between persons ±"), finding.spread),
        )
        if np.isfinite(x) and x > 0
    ]
    return "; ".join(parts) or "–"
