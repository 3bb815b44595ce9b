"""Names that several reports show: weightings of the evidence, its grades and units, groups of actions."""

from __future__ import annotations

from sim.errors import Message, _

PRESET_NAMES: dict[str, Message] = {
    "published": _("as published"),
    "shrunk": _("shrunk"),
    "indonesia": _("Indonesian evidence"),
}
"""Weightings of the evidence (:data:`sim.evidence.PRESETS`) by name."""

PRESET_NOTES: dict[str, Message] = {
    "published": _("Effects are used as published, which tends to overstate them."),
    "shrunk": _(
        "Effects are shrunk according to the kind of study, because published results tend to be "
        "too large. How much they are shrunk is an assumption."
    ),
    "indonesia": _(
        "Studies made in Indonesia are used as published; all others are shrunk according to their "
        "design (assumption)."
    ),
}
"""One sentence that says what each weighting does."""

GRADE_NAMES: dict[str, Message] = {
    "V": _("read in the source"),
    "V2": _("second-hand"),
    "M": _("not verified at the source"),
    "D": _("derived from other figures"),
    "A": _("assumption"),
}
"""How well a number is known (:data:`sim.agency.STATUSES`)."""

FINDING_UNITS: dict[str, Message] = {
    "SD": _("SD of performance"),
    "SD rating": _("SD of ratings"),
    "r": _("(correlation)"),
    "rho": _("(corrected correlation)"),
    "share": _("(share)"),
    "share of variance": _("of the variance"),
    "share points": _("(difference of shares)"),
    "share of programme effect": _("of the programme's effect"),
    "days": _("days"),
    "probability": _("(probability)"),
    "log points": _("(log points)"),
    "log odds": _("(log odds)"),
    "ratio": _("(ratio)"),
    "IKM": _("points of IKM"),
    "per month": _("per month"),
    "direction": _("(direction)"),
}
"""Units of the findings in the evidence table."""

GROUP_NAMES: dict[str, Message] = {
    "needs": _("Needs and KPIs"),
    "appraisal": _("Appraisal"),
    "feedback": _("Feedback"),
    "training": _("Training"),
    "reward": _("Reward"),
    "discipline": _("Discipline"),
    "leadership": _("Leadership"),
    "change": _("Change management"),
    "digital": _("Digital services"),
    "citizens": _("Citizens' voice"),
    "complaints": _("Complaint handling"),
    "careers": _("Careers"),
    "programmes": _("Programmes"),
    "own": _("Other"),
}
"""Groups of actions (:data:`sim.levers.GROUPS`)."""
