"""Files to take away: the plan, all plans, the results as a workbook, the brief, an empty agency."""

from __future__ import annotations

import base64
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from sim.agency import write_template
from sim.errors import _
from sim.language import speaking
from sim.planner.plans import Question, save_plans
from sim.planner.workbook import workbook
from sim.study.compare.brief import brief

if TYPE_CHECKING:
    from sim.study.compare.one_way import OneWay
    from sim.study.compare.result import CompareResult

KINDS = {
    "plan": _("Download this plan"),
    "workbook": _("Download results (Excel)"),
    "brief": _("Download the brief"),
}
"""What stands above the answer; plans and template have their own places."""

_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def made(
    kind: str,
    question: Question,
    active: int,
    found: CompareResult,
    *,
    measured: OneWay | None = None,
    lang: str | None = None,
) -> tuple[str, str, bytes]:
    """A file: its name, its media type, its content.

    Parameters
    ----------
    kind : str
        ``plan`` (YAML that ``kinerja compare`` runs), ``plans`` (YAML that ``kinerja study`` runs and the planner opens
        again), ``workbook`` (results), ``brief`` (HTML) or ``template`` (an empty agency).
    question, found
        What was asked, and the answer so far.
    active : int
        Position of the plan meant by ``plan``.
    lang : {"id", "en"}, optional
        The session's language by default.
    measured : OneWay, optional
        Which finding matters most, as the brief says it.
    """
    with speaking(lang):
        return _made(kind, question, active, found, measured)


def _made(
    kind: str, question: Question, active: int, found: CompareResult, measured: OneWay | None
) -> tuple[str, str, bytes]:
    if kind == "plan":
        policy = question.plans[active].policy
        return f"{_stem(policy.label())}.yaml", "application/yaml", policy.to_yaml().encode("utf-8")
    if kind == "plans":
        name = _stem(str(_("plans")))
        return f"{name}-{question.agency.name}.yaml", "application/yaml", save_plans(question).encode("utf-8")
    if kind == "workbook":
        return f"{_stem(str(_('results')))}-{found.id}.xlsx", _EXCEL, workbook(found)
    if kind == "brief":
        return (
            f"{_stem(str(_('brief')))}-{found.id}.html",
            "text/html",
            brief(found, measured=measured).encode("utf-8"),
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.xlsx"
        write_template(path)
        return f"{_stem(str(_('empty-agency')))}.xlsx", _EXCEL, path.read_bytes()


def link(name: str, media: str, content: bytes) -> str:
    """A link that saves the file, content and all, so that no server need keep it."""
    data = base64.b64encode(content).decode("ascii")
    return str(Markup('<a download="{}" href="data:{};base64,{}">⬇ {}</a>').format(name, media, data, name))


def _stem(text: str) -> str:
    return re.sub(r"[^\w]+", "-", text.lower()).strip("-") or "plan"
