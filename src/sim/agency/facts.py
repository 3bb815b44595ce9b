"""Figures about the agency as a whole that the simulation reads; those without a default must be there."""

from __future__ import annotations

from dataclasses import dataclass

from sim.errors import Message, _


@dataclass(frozen=True, slots=True)
class Figure:
    """A row of the agency table: its unit, range (both ends included), meaning and an example.

    A figure without a range is a text, one with a `default` may be left out, one that is `whole` has no decimals.
    """

    unit: str
    low: float | None
    high: float | None
    note: Message
    example: str
    default: str | None = None
    whole: bool = False

    @property
    def is_text(self) -> bool:
        """Whether the value is a text, not a number."""
        return self.low is None


FIGURES: dict[str, Figure] = {
    "name": Figure("code", None, None, _("code of the agency"), "kota-saya"),
    "label": Figure("text", None, None, _("name of the agency"), "Kota Saya"),
    "population": Figure("persons", 1, 1e8, _("population"), "1400000"),
    "pns_total": Figure("persons", 0, 1e6, _("PNS of the whole agency"), "4000"),
    "pppk_total": Figure("persons", 0, 1e6, _("PPPK of the whole agency"), "1000"),
    "ikm": Figure("IKM", 25, 100, _("IKM of the whole agency"), "81"),
    "digital_share": Figure("share", 0, 1, _("share of requests made online"), "0.02"),
    "budget_apbd": Figure("Rp/year", 1e6, 9e14, _("yearly spending (APBD)"), "1500000000000"),
    "training_budget_share": Figure(
        "share of APBD",
        0,
        0.2,
        _("share of spending for competence development (floor .0016 regency or city, .0034 province)"),
        "0.0016",
    ),
    "price_year": Figure("year", 2000, 2100, _("year of the prices in rupiah"), "2025"),
    "tpp_monthly": Figure(
        "Rp/month",
        0,
        1e8,
        _("mean allowance (TPP) per officer"),
        "2000000",
    ),
    "salary_hour": Figure("Rp/hour", 1000, 1e7, _("cost of an hour of an officer's time"), "55000"),
    "transfer_rate": Figure("a year", 0, 0.5, _("share of officers who transfer"), "0.0055"),
    "lebaran_peak": Figure(
        "factor",
        1,
        10,
        _("peak demand after Lebaran over an ordinary day; it acts through the demand table"),
        "3.4",
    ),
    "discard_share": Figure(
        "share",
        0,
        1,
        _("share of complaints discarded as incomplete at triage"),
        "0.426",
    ),
    "complain_error": Figure(
        "probability",
        0,
        1,
        _("chance of complaining after an error"),
        "0.05",
    ),
    "complain_left": Figure("probability", 0, 1, _("chance of complaining after giving up"), "0.02"),
    "complain_fine": Figure(
        "probability",
        0,
        1,
        _("chance of complaining after a good service"),
        "0.001",
    ),
    "survey_bias": Figure(
        "IKM",
        -30,
        30,
        _("IKM of a self-run survey minus that of an independent one"),
        "8",
    ),
    "survey_respondents": Figure(
        "persons",
        1,
        1e6,
        _("survey respondents per unit and year"),
        "32",
    ),
    "officers_alike": Figure(
        "0 or 1",
        0,
        1,
        _("1: all officers are alike in skill, care, courtesy, motivation and attendance; 0: they differ"),
        "0",
        default="0",
        whole=True,
    ),
}
